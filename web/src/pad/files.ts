/** The files that the recogniser needs, which lie beside the module. */

/** URLs of the files. */
export interface Files {
  worker: string;
  model: string;
  /** The loader of LiteRT.js and its WebAssembly. */
  loader: string;
  binary: string;
  /** The script of the worker that answers formulas. */
  answers: string;
}

/** Return the files beside the module. Bundlers that copy such files to other names look for just these expressions. */
export function filesBeside(): Files {
  return {
    worker: new URL("./worker.js", import.meta.url).href,
    model: new URL("./default.tflite", import.meta.url).href,
    loader: new URL("./litert/litert_wasm_compat_internal.js", import.meta.url).href,
    binary: new URL("./litert/litert_wasm_compat_internal.wasm", import.meta.url).href,
    answers: new URL("./answers.js", import.meta.url).href,
  };
}

/** Return the files of a folder with the package's names. */
export function filesIn(folder: string): Files {
  const base = new URL(folder.endsWith("/") ? folder : `${folder}/`, document.baseURI);
  const at = (name: string): string => new URL(name, base).href;
  return {
    worker: at("worker.js"),
    model: at("default.tflite"),
    loader: at("litert/litert_wasm_compat_internal.js"),
    binary: at("litert/litert_wasm_compat_internal.wasm"),
    answers: at("answers.js"),
  };
}
