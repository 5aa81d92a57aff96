export { type HaveIBeenPwnedOptions, haveIBeenPwned } from "./have-i-been-pwned.js";
