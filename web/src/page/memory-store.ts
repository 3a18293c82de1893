/**
 * The writer's memory in this browser: IndexedDB, shared by all tabs with the page. Nothing leaves the machine.
 *
 * Every change is one transaction that reads what is stored, edits it and writes it, so that no tab loses what another one
 * has learnt.
 */

import { type Message, messageOf, UserError } from "../parts/texts.ts";
import { type Formula, type Keys, sameInk } from "../recognizer/memory/formula.ts";
import { WriterMemory } from "../recognizer/memory/memory.ts";

const DATABASE = "tegashiki";
const STORE = "memory";
const KEY = "formulas";
const CHANNEL = "tegashiki.memory";

export class MemoryStore {
  /** Why changes last only until the page is closed, undefined if they are kept. */
  trouble: Message | undefined;
  private kept: readonly Formula[] = [];
  private database: IDBDatabase | undefined;
  private readonly channel = new BroadcastChannel(CHANNEL);
  /** The last action, after which the next one begins. */
  private turn: Promise<unknown>;

  /** @param changed Called when the formulas or `trouble` change, in this tab or in another one. */
  constructor(private readonly changed: () => void) {
    this.turn = Promise.resolve().then(() => this.open()); // later, so that `changed` can use the store
    this.channel.onmessage = () => void this.inTurn(() => this.load());
  }

  /** The formulas, oldest first; none until they have been read. */
  get formulas(): readonly Formula[] {
    return this.kept;
  }

  /**
   * Edit the memory.
   *
   * @param edit Gets what is stored now. It must not wait for anything.
   * @param quiet Whether `changed` is not called, for changes that no one sees.
   * @returns What `edit` returns.
   * @throws What `edit` throws. Nothing is changed then.
   */
  change<T>(edit: (memory: WriterMemory) => T, quiet = false): Promise<T> {
    return this.inTurn(async () => {
      const { memory, outcome } = await this.edited(edit);
      if ("error" in outcome) throw outcome.error;
      this.kept = memory.formulas;
      if (quiet) return outcome.result;
      this.changed();
      if (this.database) this.channel.postMessage("changed");
      return outcome.result;
    });
  }

  /** Edit what is stored in one transaction. Without a storage, edit what this tab has. */
  private async edited<T>(edit: (memory: WriterMemory) => T): Promise<{ memory: WriterMemory; outcome: Outcome<T> }> {
    if (this.database) {
      try {
        const transaction = this.database.transaction(STORE, "readwrite");
        const store = transaction.objectStore(STORE);
        const memory = memoryOf(await answer(store.get(KEY)));
        const outcome = outcomeOf(() => edit(memory));
        if ("result" in outcome) store.put(memory.formulas, KEY);
        await finished(transaction);
        return { memory, outcome };
      } catch (error) {
        this.lose(error as Error);
      }
    }
    const memory = new WriterMemory(this.kept);
    return { memory, outcome: outcomeOf(() => edit(memory)) };
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.turn.then(action);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async open(): Promise<void> {
    try {
      const opening = indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      this.database = await answer(opening);
      this.database.onclose = () => this.lose(new UserError(({ storageClosed }) => storageClosed));
      this.database.onversionchange = () => this.database?.close();
      await this.load();
    } catch (error) {
      this.lose(error as Error);
    }
  }

  private async load(): Promise<void> {
    if (!this.database) return;
    this.kept = memoryOf(await answer(this.database.transaction(STORE).objectStore(STORE).get(KEY))).formulas;
    this.changed();
  }

  /** Go on without the storage. */
  private lose(error: Error): void {
    this.database = undefined;
    const full = error.name === "QuotaExceededError";
    const reason = messageOf(error);
    this.trouble = full ? ({ storageFull }) => storageFull : (texts) => texts.notStored(reason(texts) || error.name);
    this.changed();
  }
}

/** Keep the keys that a recogniser has made, so that it need not make them again. */
export function keepKeys(store: MemoryStore, made: readonly (readonly [Formula, Keys])[]): Promise<void> {
  return store.change((memory) => {
    for (const [formula, keys] of made) {
      const found = memory.formulas.find((each) => sameInk(each, formula));
      if (found?.tokens.join(" ") === formula.tokens.join(" ")) found.keys = keys;
    }
  }, true);
}

/** What a function returned, or what it threw. */
type Outcome<T> = { result: T } | { error: unknown };

function outcomeOf<T>(action: () => T): Outcome<T> {
  try {
    return { result: action() };
  } catch (error) {
    return { error };
  }
}

/** The memory of the stored formulas, which are undefined before the first change. */
function memoryOf(stored: unknown): WriterMemory {
  return new WriterMemory((stored ?? []) as readonly Formula[]);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new DOMException("", "AbortError"));
  });
}
