/** Two pads of one page: one whose formula is React's state, one whose finished formulas become a list. */

import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Pad } from "./pad.tsx";

function App() {
  const [latex, setLatex] = useState("");
  const [formulas, setFormulas] = useState<string[]>([]);
  return (
    <>
      <h2>A formula</h2>
      <Pad value={latex} onValue={setLatex} candidates={3} />
      <p>
        <code id="state">{latex}</code>{" "}
        <button type="button" onClick={() => setLatex("")}>
          Empty it
        </button>
      </p>
      <h2>A list</h2>
      <Pad restrict="calculator" onCommit={({ latex }) => setFormulas((all) => [...all, latex])} />
      <ol id="list">
        {formulas.map((formula, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: formulas are only ever added at the end
          <li key={i}>
            <code>{formula}</code>
          </li>
        ))}
      </ol>
    </>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
