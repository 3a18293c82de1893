/** What a pad has in common with the browser's own form fields: its attributes as properties, its form, its validity. */

const MOST = 5; // candidates that the model offers
/** Where there is no DOM, as in Node, the module can be imported, but no element made. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

export abstract class Field extends Base {
  static readonly formAssociated = true;
  protected readonly internals = this.attachInternals();

  get name(): string {
    return this.getAttribute("name") ?? "";
  }

  set name(name: string) {
    this.setAttribute("name", name);
  }

  /** The value at first and after a reset of the form. */
  get defaultValue(): string {
    return this.getAttribute("value") ?? "";
  }

  set defaultValue(latex: string) {
    this.setAttribute("value", latex);
  }

  /** Number of readings offered, 1 to 5. */
  get candidates(): number {
    const asked = Number.parseInt(this.getAttribute("candidates") ?? "", 10);
    return Number.isNaN(asked) ? MOST : Math.min(MOST, Math.max(1, asked));
  }

  set candidates(count: number) {
    this.setAttribute("candidates", String(count));
  }

  /** The name of a preset ("calculator", "crohme"), or the allowed tokens with spaces between them; "" for all. */
  get restrict(): string {
    return this.getAttribute("restrict") ?? "";
  }

  set restrict(tokens: string) {
    this.setAttribute("restrict", tokens);
  }

  /** "light", "dark", or "" for what the user prefers. */
  get theme(): string {
    return this.getAttribute("theme") ?? "";
  }

  set theme(name: string) {
    if (name) this.setAttribute("theme", name);
    else this.removeAttribute("theme");
  }

  /** Whether a scratch-out or a strike takes ink away: unless the attribute is "off". */
  get gestures(): boolean {
    return this.getAttribute("gestures") !== "off";
  }

  set gestures(on: boolean) {
    if (on) this.removeAttribute("gestures");
    else this.setAttribute("gestures", "off");
  }

  /** Whether lines under each other are told apart, each read on its own; otherwise all ink is one line. */
  get severalLines(): boolean {
    return this.hasAttribute("several-lines");
  }

  set severalLines(on: boolean) {
    this.toggleAttribute("several-lines", on);
  }

  /** Whether answers are offered to formulas that expect one. */
  get answers(): boolean {
    return this.hasAttribute("answers");
  }

  set answers(on: boolean) {
    this.toggleAttribute("answers", on);
  }

  /** Whether decimal commas are offered: "on", "off", or "" for the custom of the language. */
  get decimalComma(): string {
    return this.getAttribute("decimal-comma") ?? "";
  }

  set decimalComma(offered: string) {
    if (offered) this.setAttribute("decimal-comma", offered);
    else this.removeAttribute("decimal-comma");
  }

  get required(): boolean {
    return this.hasAttribute("required");
  }

  set required(on: boolean) {
    this.toggleAttribute("required", on);
  }

  get disabled(): boolean {
    return this.hasAttribute("disabled");
  }

  set disabled(on: boolean) {
    this.toggleAttribute("disabled", on);
  }

  /** URL of the model file, "" for the one that comes with the package. */
  get model(): string {
    return this.getAttribute("model") ?? "";
  }

  set model(address: string) {
    this.setAttribute("model", address);
  }

  /** URL of the folder with the package's worker, model and WebAssembly, "" for the folder of the module. */
  get assets(): string {
    return this.getAttribute("assets") ?? "";
  }

  set assets(address: string) {
    this.setAttribute("assets", address);
  }

  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  get labels(): NodeList {
    return this.internals.labels;
  }

  get validity(): ValidityState {
    return this.internals.validity;
  }

  get validationMessage(): string {
    return this.internals.validationMessage;
  }

  get willValidate(): boolean {
    return this.internals.willValidate;
  }

  checkValidity(): boolean {
    return this.internals.checkValidity();
  }

  reportValidity(): boolean {
    return this.internals.reportValidity();
  }
}
