import type { SignInStep } from "../steps.js";

/** Asks for the bot check, before an attempt is counted: who does not pass it uses up nothing of an account's limits. */
export const checkBot: SignInStep = ({ services }) => services.bots.check();
