/**
 * Which of the pointers on the page write.
 *
 * Each pointer has a contact of its own. A pen goes before touch: a touch beside a pen is a palm. One finger writes at a
 * time: a second one makes a pinch of both, unless the first is well under way.
 */

import type { Point } from "../recognizer/preprocess.ts";

/** Bits of `buttons`. */
const TIP = 1; // also a finger, and the left button of a mouse
const ERASER = 32; // a pen turned around
/** Values of `button`. */
const TIP_BUTTON = 0;
const ERASER_BUTTON = 5;
const UNDER_WAY = 24; // pixels: a touch that has gone so far is a stroke, whatever else touches then

/** A pointer that is down, from `pointerdown` to its end. */
export class Contact {
  readonly points: Point[] = [];
  /** The strokes that it has met, where it erases. */
  readonly rubbed = new Set<readonly Point[]>();
  /** Pointers that keep it from writing: the pen beside a palm, the other fingers of a pinch. */
  readonly rivals = new Set<number>();
  readonly pointer: number;
  readonly type: string;
  /** Whether it rubs strokes out instead of writing. */
  erasing: boolean;
  /** The bits of `buttons` that are set while it is down; 0 where the browser told none. */
  private readonly held: number;
  private readonly usable: boolean;
  private length = 0;

  constructor({ pointerId, pointerType, button, buttons }: PointerEvent) {
    this.pointer = pointerId;
    this.type = pointerType;
    this.erasing = button === ERASER_BUTTON || (buttons & ERASER) > 0;
    this.usable = button === TIP_BUTTON || this.erasing;
    this.held = buttons & (this.erasing ? ERASER : TIP);
  }

  /** Whether what it does counts. */
  get active(): boolean {
    return this.usable && !this.rivals.size;
  }

  get underWay(): boolean {
    return this.length >= UNDER_WAY;
  }

  /** Whether an event says that it was lifted: by a move without its button, where another one still is pressed. */
  isLiftedIn({ pointerType, buttons }: PointerEvent): boolean {
    return pointerType !== "touch" && this.held > 0 && !(buttons & this.held);
  }

  /** Add a point, unless it is where the last one is. */
  add(point: Point): void {
    const last = this.points.at(-1);
    const step = last ? Math.hypot(point[0] - last[0], point[1] - last[1]) : 0;
    if (last && !step) return;
    this.length += step;
    this.points.push(point);
  }
}

/** Who is told of contacts. */
export interface Follower {
  /** A contact begins; it has no points yet, and its `erasing` may be set. */
  began(contact: Contact): void;
  /** A contact has points from the index `from` on that are new. */
  grew(contact: Contact, from: number): void;
  /** An active contact has ended as it should. */
  ended(contact: Contact): void;
  /** A contact has gone, or has become active or inactive. */
  changed(): void;
}

/** Follows the pointers that come down on an element. */
export class Pointers {
  private readonly contacts = new Map<number, Contact>();
  /** Pens that touch or hover over the page. */
  private readonly pens = new Set<number>();

  constructor(
    private readonly surface: HTMLElement,
    private readonly follower: Follower,
  ) {
    // On the window, so that the ends of pointers that cannot be captured are heard too.
    window.addEventListener("pointerdown", (event) => this.notePen(event), true);
    surface.addEventListener("pointerdown", (event) => this.down(event));
    window.addEventListener("pointermove", (event) => this.move(event), true);
    window.addEventListener("pointerup", (event) => this.up(event), true);
    window.addEventListener("pointercancel", (event) => this.cancel(event.pointerId), true);
    surface.addEventListener("lostpointercapture", (event) => this.end(event.pointerId));
    window.addEventListener("pointerleave", (event) => this.leave(event.pointerId), true);
    surface.addEventListener("contextmenu", (event) => {
      if (this.active.length) event.preventDefault(); // a long press, or the other button of a mouse that writes
    });
  }

  /** The contacts that count. */
  get active(): Contact[] {
    return [...this.contacts.values()].filter((contact) => contact.active);
  }

  /** Whether a pointer is down. */
  has(pointer: number): boolean {
    return this.contacts.has(pointer);
  }

  /** The place of an event on the surface, inside its border. */
  place({ clientX, clientY }: PointerEvent): Point {
    const { left, top } = this.surface.getBoundingClientRect();
    return [clientX - left - this.surface.clientLeft, clientY - top - this.surface.clientTop];
  }

  private get touches(): Contact[] {
    return [...this.contacts.values()].filter(({ type }) => type === "touch");
  }

  private down(event: PointerEvent): void {
    this.end(event.pointerId); // of its last contact, if nobody has told
    const contact = new Contact(event);
    if (contact.type === "mouse" && !contact.active) return;
    event.preventDefault();
    this.capture(event.pointerId);
    if (contact.type === "touch") this.beside(contact, event.isPrimary);
    this.follower.began(contact);
    this.contacts.set(contact.pointer, contact);
    this.follow(contact, [event]);
  }

  /** Have a touch and those that are there already keep one another from writing. */
  private beside(contact: Contact, isFirst: boolean): void {
    if (isFirst) for (const { pointer } of this.touches) this.cancel(pointer); // nobody has told of their ends
    for (const pen of this.pens) contact.rivals.add(pen);
    for (const touch of this.touches) {
      contact.rivals.add(touch.pointer);
      if (!touch.underWay) this.stop(touch, contact.pointer);
    }
  }

  private move(event: PointerEvent): void {
    this.notePen(event);
    const contact = this.contacts.get(event.pointerId);
    if (!contact) return;
    const isLifted = contact.isLiftedIn(event);
    if (isLifted && event.button < 0) return this.end(event.pointerId); // somewhere else, some time ago
    const coalesced = event.getCoalescedEvents?.() ?? [];
    this.follow(contact, coalesced.length ? coalesced : [event]);
    if (isLifted) this.end(event.pointerId);
  }

  private up(event: PointerEvent): void {
    this.pens.delete(event.pointerId); // one that hovers on is noted again as it moves
    const contact = this.contacts.get(event.pointerId);
    if (contact) this.follow(contact, [event]);
    this.end(event.pointerId);
  }

  private follow(contact: Contact, events: readonly PointerEvent[]): void {
    const from = contact.points.length;
    for (const event of events) contact.add(this.place(event));
    if (contact.points.length > from) this.follower.grew(contact, from);
  }

  private end(pointer: number): void {
    const contact = this.contacts.get(pointer);
    if (!this.contacts.delete(pointer)) return;
    if (contact!.active) this.follower.ended(contact!);
    this.follower.changed();
  }

  /** Take a contact away as if it had never been: the fingers that it has stopped go on. */
  private cancel(pointer: number): void {
    this.pens.delete(pointer);
    const contact = this.contacts.get(pointer);
    if (!this.contacts.delete(pointer)) return;
    if (contact!.type === "touch") for (const { rivals } of this.touches) rivals.delete(pointer);
    this.follower.changed();
  }

  /** Hear of a pen anywhere on the page. One that comes down stops all touches, one that hovers those that begin. */
  private notePen({ type, pointerType, pointerId, buttons }: PointerEvent): void {
    const isDown = type === "pointerdown";
    if (pointerType !== "pen" || (!isDown && buttons)) return;
    this.pens.add(pointerId);
    for (const touch of this.touches) if (isDown || !touch.underWay) this.stop(touch, pointerId);
  }

  /** A pen leaves some element of the page, perhaps for another one: then it is noted again as it moves. */
  private leave(pointer: number): void {
    if (!this.contacts.has(pointer)) this.pens.delete(pointer);
  }

  private stop(contact: Contact, rival: number): void {
    const wasActive = contact.active;
    contact.rivals.add(rival);
    if (wasActive) this.follower.changed();
  }

  private capture(pointer: number): void {
    try {
      this.surface.setPointerCapture(pointer);
    } catch {
      // The pointer has gone already, or comes from a script; its events are heard without.
    }
  }
}
