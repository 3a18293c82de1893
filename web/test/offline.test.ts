/** The page as a static site below a path: it is kept for use without a network, installed and updated. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Browser, serve, type Tab } from "./chromium.ts";
import { Site } from "./site.ts";
import { options, PLUS, Writer } from "./writer.ts";

const PATH = "notes/maths";
const KEPT = `navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller?.state === "activated")`;
const HAS_LOADED = `document.readyState === "complete" && document.body.dataset.ready`;
const offered = `!document.getElementById("new-version").hidden`;
/** Makes the page look for a new version, as it does when it is shown again. */
const CHECK = `void document.dispatchEvent(new Event("visibilitychange"))`;
/** Whether the next version of the service worker ends before it is installed. */
const FAILS_TO_INSTALL = `navigator.serviceWorker.getRegistration().then(async (found) => {
  const state = new Promise((done) => found.addEventListener("updatefound", ({ target: { installing } }) =>
    installing.addEventListener("statechange", () => done(installing.state))));
  await found.update().catch(() => undefined);
  return (await state) === "redundant";
})`;
const status = `document.getElementById("status").textContent`;

interface Visit {
  site: Site;
  browser: Browser;
  tab: Tab;
  /** Paths that the server was asked for. */
  requests: string[];
  address: string;
  stop(): Promise<void>;
}

/** Open the site in a new browser, and wait until the browser has kept it. */
async function visit(run: (visit: Visit) => Promise<void>): Promise<void> {
  const site = new Site(PATH);
  const { address, server, requests } = await serve(site.root);
  const browser = new Browser();
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  try {
    const tab = await browser.open(`${address}${PATH}/`);
    await tab.until(HAS_LOADED);
    await tab.until(KEPT);
    await run({ site, browser, tab, requests, address: `${address}${PATH}/`, stop });
    assert.deepEqual(tab.errors, []);
  } finally {
    await browser.close();
    if (server.listening) await stop();
    site.remove();
  }
}

async function reload(tab: Tab): Promise<Writer> {
  await tab.evaluate(`void (document.body.dataset.old = "yes")`);
  await tab.send("Page.reload");
  await tab.until(`!document.body.dataset.old && ${HAS_LOADED}`);
  return Writer.on(tab);
}

test("without a network the page opens again, and reads", options, async () => {
  await visit(async ({ browser, tab, address, stop }) => {
    await stop();
    const writer = await reload(tab);
    await writer.draw(PLUS);
    await writer.reads("+");
    const other = await browser.open(address);
    const second = await Writer.on(other);
    await second.draw(PLUS.slice(0, 1));
    await second.reads("-");
    assert.deepEqual(other.errors, []);
  });
});

test("all requests go to files of the site", options, async () => {
  await visit(async ({ browser, tab, requests, address }) => {
    const asked: string[] = [];
    browser.listen(({ method, params }) => {
      if (method === "Network.requestWillBeSent") asked.push((params!.request as { url: string }).url);
    });
    await tab.send("Network.enable");
    const writer = await reload(tab);
    await writer.draw(PLUS);
    await writer.reads("+");
    assert.ok(asked.length > 3, "the reload is seen");
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(address) && !/^(data|blob):/.test(url)),
      [],
    );
    const outside = requests.filter((path) => !path.startsWith(`/${PATH}/`) && path !== "/favicon.ico");
    assert.deepEqual(outside, []);
  });
});

test("a new version says that it is there, and keeps the ink; the model is not loaded again", options, async () => {
  await visit(async ({ site, tab, requests }) => {
    const writer = await Writer.on(tab);
    await writer.draw(PLUS);
    await writer.reads("+");
    await writer.press("1");
    await tab.until(`document.querySelector("#candidates button").ariaPressed === "true"`);
    const strokes = await writer.strokes();
    requests.length = 0;
    site.change("index.html", "<body>", '<body data-version="new">');
    await tab.evaluate(CHECK);
    await tab.until(offered);
    assert.ok(await tab.evaluate(`!document.body.dataset.version`), "nothing changes before it is asked for");
    await writer.picture("new-version");
    await writer.click("update");
    await tab.until(`document.body.dataset.version && ${HAS_LOADED}`);
    await writer.reads("+");
    await tab.until(`document.querySelector("#candidates button").ariaPressed === "true"`);
    assert.deepEqual(await writer.strokes(), strokes);
    await tab.until(`${status} === "This is a new version of the page."`);
    assert.deepEqual(
      requests.filter((path) => !path.endsWith("/service-worker.js")),
      [`/${PATH}/index.html`],
    );
  });
});

test(
  "a version that was ready before is offered again, and used when the page is closed and opened",
  options,
  async () => {
    await visit(async ({ site, browser, tab, address, stop }) => {
      const keys = `caches.keys().then(async ([name]) => (await (await caches.open(name)).keys()).length)`;
      const files = await tab.evaluate<number>(keys);
      site.change("index.html", "<body>", '<body data-version="new">');
      await tab.evaluate(CHECK);
      await tab.until(offered);
      await reload(tab);
      await tab.until(offered);
      assert.equal(await tab.evaluate<number>(keys), files + 1);
      await tab.goto("about:blank#closed").catch(() => undefined);
      await stop();
      const other = await browser.open(address);
      await other.until(`document.body.dataset.version && ${HAS_LOADED}`);
      await other.until(`${keys}.then((found) => found === ${files})`);
      assert.ok(!(await other.evaluate(offered)));
    });
  },
);

test("a version that is only half there is not used", options, async () => {
  await visit(async ({ site, tab, stop }) => {
    site.change("page.css", "", "/* new */");
    site.change("page.css", "/* new */", "/* newer */", false);
    assert.ok(await tab.evaluate(FAILS_TO_INSTALL));
    await stop();
    await reload(tab);
    assert.ok(!(await tab.evaluate(offered)));
    tab.errors.splice(0, Infinity, ...tab.errors.filter((text) => !text.includes("service-worker.js")));
  });
});

test("the page can be installed", options, async () => {
  await visit(async ({ tab, address }) => {
    const { installabilityErrors } = await tab.send("Page.getInstallabilityErrors");
    const wrong = (installabilityErrors as { errorId: string }[]).map(({ errorId }) => errorId);
    assert.deepEqual(
      wrong.filter((name) => name !== "in-incognito"),
      [],
    );
    const { url, errors, data } = await tab.send("Page.getAppManifest");
    assert.equal(url, `${address}manifest.webmanifest`);
    assert.deepEqual(errors, []);
    for (const { src, sizes } of (JSON.parse(data as string) as { icons: { src: string; sizes: string }[] }).icons) {
      const size = await tab.evaluate<string>(`(async () => {
        const image = new Image();
        image.src = ${JSON.stringify(src)};
        await image.decode();
        return image.naturalWidth + "x" + image.naturalHeight;
      })()`);
      assert.ok(sizes === "any" || size === sizes, `${src}: ${size}`);
    }
  });
});
