/**
 * Decide which pointers on the page write.
 *
 * Each pointer that is down has its own contact. A pen takes precedence over touch: a touch next to a pen is a palm.
 * Only one finger writes at a time: a second finger turns both into a pinch, unless the first has already moved far.
 */

import type { Point } from "../recognizer/preprocess.ts";

/** Bits of `PointerEvent.buttons`. */
const TIP = 1; // tip of a pen, finger, or left mouse button
const ERASER = 32; // eraser end of a pen
/** Values of `PointerEvent.button`. */
const TIP_BUTTON = 0;
const ERASER_BUTTON = 5;
const UNDER_WAY = 24; // pixels; a touch that has moved this far is a stroke even if other fingers come down

/** A pointer that is down, from `pointerdown` until it is lifted or cancelled. */
export class Contact {
  readonly points: Point[] = [];
  /** The strokes that an erasing contact has touched. */
  readonly rubbed = new Set<readonly Point[]>();
  /** Pointers that keep this one from writing: the pen next to a palm, or the other fingers of a pinch. */
  readonly rivals = new Set<number>();
  readonly pointer: number;
  readonly type: string;
  /** Whether the contact erases strokes instead of writing. */
  erasing: boolean;
  /** The bit of `buttons` that is set while the pointer is down, 0 if the browser reported none. */
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

  /** Whether the contact writes or erases. */
  get active(): boolean {
    return this.usable && !this.rivals.size;
  }

  get underWay(): boolean {
    return this.length >= UNDER_WAY;
  }

  /** Whether an event shows that the pointer was lifted: its button is no longer set, though another one may be. */
  isLiftedIn({ pointerType, buttons }: PointerEvent): boolean {
    return pointerType !== "touch" && this.held > 0 && !(buttons & this.held);
  }

  /** Add a point, unless it equals the last one. */
  add(point: Point): void {
    const last = this.points.at(-1);
    const step = last ? Math.hypot(point[0] - last[0], point[1] - last[1]) : 0;
    if (last && !step) return;
    this.length += step;
    this.points.push(point);
  }
}

/** Receives the events of contacts. */
export interface Follower {
  /** A contact has begun. It has no points yet, and the follower may set its `erasing`. */
  began(contact: Contact): void;
  /** A contact has new points, from index `from` on. */
  grew(contact: Contact, from: number): void;
  /** An active contact has ended normally. */
  ended(contact: Contact): void;
  /** A contact has been removed, or has become active or inactive. */
  changed(): void;
}

/** Track the pointers that come down on an element. */
export class Pointers {
  private readonly contacts = new Map<number, Contact>();
  /** Pens that touch or hover over the page. */
  private readonly pens = new Set<number>();

  /** @param signal Its abort ends the tracking. */
  constructor(
    private readonly surface: HTMLElement,
    private readonly follower: Follower,
    signal?: AbortSignal,
  ) {
    const own = { signal };
    const early = { signal, capture: true };
    // Listen on the window to notice the end of pointers that cannot be captured.
    window.addEventListener("pointerdown", (event) => this.notePen(event), early);
    surface.addEventListener("pointerdown", (event) => this.down(event), own);
    window.addEventListener("pointermove", (event) => this.move(event), early);
    window.addEventListener("pointerup", (event) => this.up(event), early);
    window.addEventListener("pointercancel", (event) => this.cancel(event.pointerId), early);
    surface.addEventListener("lostpointercapture", (event) => this.end(event.pointerId), own);
    window.addEventListener("pointerleave", (event) => this.leave(event.pointerId), early);
    const keepMenu = (event: Event) => {
      if (this.active.length) event.preventDefault(); // a long press, or the right button while the mouse writes
    };
    surface.addEventListener("contextmenu", keepMenu, own);
  }

  /** The contacts that write or erase. */
  get active(): Contact[] {
    return [...this.contacts.values()].filter((contact) => contact.active);
  }

  /** Whether a pointer is down. */
  has(pointer: number): boolean {
    return this.contacts.has(pointer);
  }

  /** The position of an event on the surface, in pixels from the top left corner inside its border. */
  place({ clientX, clientY }: PointerEvent): Point {
    const { left, top } = this.surface.getBoundingClientRect();
    return [clientX - left - this.surface.clientLeft, clientY - top - this.surface.clientTop];
  }

  private get touches(): Contact[] {
    return [...this.contacts.values()].filter(({ type }) => type === "touch");
  }

  private down(event: PointerEvent): void {
    this.end(event.pointerId); // the end of the last contact may not have been reported
    const contact = new Contact(event);
    if (contact.type === "mouse" && !contact.active) return;
    event.preventDefault();
    this.capture(event.pointerId);
    if (contact.type === "touch") this.beside(contact, event.isPrimary);
    this.follower.began(contact);
    this.contacts.set(contact.pointer, contact);
    this.follow(contact, [event]);
  }

  /** Let a new touch and the existing touches stop one another from writing. */
  private beside(contact: Contact, isFirst: boolean): void {
    if (isFirst) for (const { pointer } of this.touches) this.cancel(pointer); // their ends were not reported
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
    if (isLifted && event.button < 0) return this.end(event.pointerId); // it was lifted earlier, at an unknown position
    const coalesced = event.getCoalescedEvents?.() ?? [];
    this.follow(contact, coalesced.length ? coalesced : [event]);
    if (isLifted) this.end(event.pointerId);
  }

  private up(event: PointerEvent): void {
    this.pens.delete(event.pointerId); // a pen that still hovers is added again when it moves
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

  /** Remove a contact as if it had never existed: fingers that it stopped may write again. */
  private cancel(pointer: number): void {
    this.pens.delete(pointer);
    const contact = this.contacts.get(pointer);
    if (!this.contacts.delete(pointer)) return;
    if (contact!.type === "touch") for (const { rivals } of this.touches) rivals.delete(pointer);
    this.follower.changed();
  }

  /** Note a pen anywhere on the page. A pen that comes down stops all touches, a hovering pen those not under way. */
  private notePen({ type, pointerType, pointerId, buttons }: PointerEvent): void {
    const isDown = type === "pointerdown";
    if (pointerType !== "pen" || (!isDown && buttons)) return;
    this.pens.add(pointerId);
    for (const touch of this.touches) if (isDown || !touch.underWay) this.stop(touch, pointerId);
  }

  /** Forget a pen that leaves an element. If it only moves on to another element, its next event adds it again. */
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
      // The pointer is gone already, or a script made the event. The listeners on the window suffice.
    }
  }
}
