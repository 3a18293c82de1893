/** Bundle style sheets: the page's as a file, the web component's as text in its module. */

import { build } from "esbuild";

/** Return a style sheet with all that it imports, fonts included. */
export async function bundledStyle(path, options) {
  const result = await build({
    ...options,
    entryPoints: [path],
    write: false,
    loader: { ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty" }, // every browser that runs it reads WOFF2
  });
  return result.outputFiles[0].text.replace(/,url\(\) format\("(woff|truetype)"\)/g, "");
}

/** An esbuild plugin: a style sheet that a script imports is its text. */
export function styleText(options) {
  const name = "style-text";
  const setup = ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: await bundledStyle(path, options), loader: "text" }));
  return { name, setup };
}
