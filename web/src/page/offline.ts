/** Keep the page for use without a network, and update it. */

const CHECK_EVERY = 60 * 60 * 1000; // ms, while the page is open
const UPDATED = "tegashiki.updated";

/**
 * Install the service worker, if the page was served with one and the browser allows it.
 *
 * The browser changes to a new version by itself when the page is opened and no other tab has it open.
 *
 * @param offer Called if there is a new version while the page is open, with a function that changes to it. That
 *   reloads all open tabs of the page.
 */
export async function keepOffline(offer: (update: () => void) => void): Promise<void> {
  const script = document.querySelector<HTMLMetaElement>('meta[name="service-worker"]')?.content;
  const { serviceWorker } = navigator; // only over HTTPS and on this machine
  if (!script || !serviceWorker) return;
  let controlled = Boolean(serviceWorker.controller);
  serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) reload();
    controlled = true; // the first worker belongs to the version that is open
  });
  const registration = await serviceWorker.register(script, { updateViaCache: "none" });
  const activate = () => registration.waiting?.postMessage("activate");
  if (registration.waiting) offer(activate);
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed" && serviceWorker.controller) offer(activate);
    });
  });
  const check = () => void registration.update().catch(() => undefined); // there may be no network
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  setInterval(check, CHECK_EVERY);
}

function reload(): void {
  try {
    sessionStorage.setItem(UPDATED, "yes");
  } catch {
    // Storage is blocked: the new page does not say that it is new.
  }
  location.reload();
}

/** Whether the page has been reloaded as a new version. True once. */
export function takeUpdated(): boolean {
  try {
    const updated = sessionStorage.getItem(UPDATED) !== null;
    sessionStorage.removeItem(UPDATED);
    return updated;
  } catch {
    return false;
  }
}
