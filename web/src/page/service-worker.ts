/**
 * Keep the page's files in the browser, so that it opens without a network.
 *
 * `tegashiki site` and `tegashiki serve` write the list of the files and their SHA-256 before this script. When a file
 * changes, the list does, and the browser installs the script anew. A file is stored under its hash: an update fetches
 * only what has changed. The hash is checked, so that files of two versions are never mixed.
 */

interface WorkerEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

interface ServiceWorkerScope {
  /** The hash of each file in hexadecimal digits, by its path relative to the page. */
  readonly FILES: Readonly<Record<string, string>>;
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

const worker = self as unknown as ServiceWorkerScope;
const { scope } = worker.registration;
const START = "index.html";
/** Several pages of one host, in different folders, share the caches of the host. */
const CACHE = `tegashiki ${scope}`;
const key = (hash: string): string => new URL(`sha256-${hash}`, scope).href;

/** Fetch the files that are not stored yet. If one fails, the old version stays until the browser tries again. */
async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  const stored = new Set((await cache.keys()).map(({ url }) => url));
  const missing = Object.entries(worker.FILES).filter(([, hash]) => !stored.has(key(hash)));
  await Promise.all(missing.map(async ([path, hash]) => cache.put(key(hash), await fetched(path, hash))));
}

async function fetched(path: string, hash: string): Promise<Response> {
  const response = await fetch(new URL(path, scope), { cache: "no-cache" });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  const content = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const found = [...digest].map((value) => value.toString(16).padStart(2, "0")).join("");
  if (found !== hash) throw new Error(`${path} is of another version of the page: its SHA-256 is ${found}`);
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  return new Response(content, { headers: { "Content-Type": type } });
}

/** Delete the files of former versions. */
async function activate(): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = new Set(Object.values(worker.FILES).map(key));
  const old = (await cache.keys()).filter(({ url }) => !wanted.has(url));
  await Promise.all(old.map((request) => cache.delete(request)));
  await worker.clients.claim();
}

/** The hash of the file that a request asks for, undefined for anything else. */
function hashOf({ method, url }: Request): string | undefined {
  const address = new URL(url);
  const place = address.origin + address.pathname;
  if (method !== "GET" || !place.startsWith(scope)) return undefined;
  const path = place.slice(scope.length) || START;
  return Object.hasOwn(worker.FILES, path) ? worker.FILES[path] : undefined;
}

async function answer(request: Request, hash: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(key(hash))) ?? fetch(request); // the browser may have deleted the file
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", ({ data }) => data === "activate" && void worker.skipWaiting());
worker.addEventListener("fetch", (event) => {
  const hash = hashOf(event.request);
  if (hash) event.respondWith(answer(event.request, hash));
});
