/** A React component for <tegashiki-pad>. React 19 passes properties and events on to custom elements. */

import type { CSSProperties, Ref } from "react";
import "tegashiki-web/pad";
import type { AcceptDetail, CommitDetail, ReadingDetail, TegashikiPad } from "tegashiki-web/pad";

export interface PadProps {
  ref?: Ref<TegashikiPad>;
  name?: string;
  /** The formula at first. */
  defaultValue?: string;
  /** The formula. Another one than the pad's clears its ink. */
  value?: string;
  candidates?: number;
  restrict?: string;
  severalLines?: boolean;
  theme?: "light" | "dark";
  lang?: string;
  required?: boolean;
  disabled?: boolean;
  assets?: string;
  model?: string;
  className?: string;
  style?: CSSProperties;
  onValue?(latex: string): void;
  onReading?(detail: ReadingDetail): void;
  onAccept?(detail: AcceptDetail): void;
  onCommit?(detail: CommitDetail): void;
}

export function Pad({ onValue, onReading, onAccept, onCommit, className, ...properties }: PadProps) {
  return (
    <tegashiki-pad
      {...properties}
      class={className}
      oninput={(event) => onValue?.((event.target as TegashikiPad).value)}
      onreading={(event) => onReading?.((event as CustomEvent<ReadingDetail>).detail)}
      onaccept={(event) => onAccept?.((event as CustomEvent<AcceptDetail>).detail)}
      oncommit={(event) => onCommit?.((event as CustomEvent<CommitDetail>).detail)}
    />
  );
}

type Listener = (event: Event) => void;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "tegashiki-pad": Omit<PadProps, "className" | "onValue" | "onReading" | "onAccept" | "onCommit"> & {
        class?: string | undefined;
        oninput?: Listener;
        onreading?: Listener;
        onaccept?: Listener;
        oncommit?: Listener;
      };
    }
  }
}
