/** Offer to install the page as an application, in browsers that let a page ask. */

interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

/** Show a button while the page can be installed. */
export function offerInstall(button: HTMLButtonElement): void {
  let event: InstallEvent | undefined;
  const become = (asked: InstallEvent | undefined) => {
    event = asked;
    button.hidden = !asked;
  };
  addEventListener("beforeinstallprompt", (asked) => {
    asked.preventDefault();
    become(asked as InstallEvent);
  });
  addEventListener("appinstalled", () => become(undefined));
  button.addEventListener("click", () => {
    void event?.prompt();
    become(undefined); // the browser lets a page ask once
  });
}
