import type { Emit } from "./events.js";

/** Milliseconds by which the clocks of this server and of its database may differ before somebody is told. */
const tolerance = 250;

/**
 * Compares this server's clock with the database's, and reports a difference once, until it goes or changes. It refuses nobody, because
 * only the database's clock decides; but the server then guesses wrongly when a rotation is due, which costs a second statement, and a
 * database with another clock may be a second node. Takes when the database was asked and when it responded by the server's clock,
 * and its own.
 */
export function createClockWatch(emit: Emit): (asked: number, responded: number, theirs: number) => void {
  let told: number | undefined;
  return (asked, responded, theirs) => {
    const uncertain = (responded - asked) / 2;
    const offset = theirs - (asked + uncertain);
    if (Math.abs(offset) - uncertain <= tolerance) {
      told = undefined;
      return;
    }
    if (told !== undefined && Math.abs(offset - told) <= tolerance + uncertain) return;
    told = offset;
    emit("clock.offset", {
      reason: `the database is ${Math.round(Math.abs(offset))} ms ${offset > 0 ? "ahead" : "behind"}`,
    });
  };
}
