/** An imported style sheet is its text (`style.mjs`). */
declare module "*.css" {
  const text: string;
  export default text;
}
