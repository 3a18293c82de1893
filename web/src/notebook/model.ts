/** The part of a Jupyter widget's model that the pad uses (anywidget's `AnyModel`). */

/** The synchronised attributes of `tegashiki.notebook.Pad`. */
export interface Traits {
  latex: string;
  strokes: [number, number][][];
  choices: number;
  restrict: string;
  several_lines: boolean;
  language: string;
  height: number;
}

export interface Model {
  get<K extends keyof Traits>(name: K): Traits[K];
  set<K extends keyof Traits>(name: K, value: Traits[K]): void;
  save_changes(): void;
  send(message: unknown): void;
  // biome-ignore lint/suspicious/noExplicitAny: the listener's arguments depend on the name
  on(name: string, listener: (...all: any[]) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: the listener's arguments depend on the name
  off(name: string, listener: (...all: any[]) => void): void;
}
