/** Write a calculation as source code: SymPy and Python. */
import type { Row } from "./formula.js";
/** Return SymPy source: the imports, the symbols and the expression on the last line. */
export declare function sympyCode(row: Row): string;
/** Return Python source: `import math` where it is needed, then the expression. */
export declare function pythonCode(row: Row): string;
