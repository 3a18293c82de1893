export * from "./types/convert/index.js";
