import { en } from "./en.js";

/** Where one is said otherwise than many, as Rails says it. The sentences of `en` are the forms for all other numbers. */
export const englishSingulars = {
  problems: {
    too_short: {
      one: "is too short (minimum is {count} character)",
      other: en.problems.too_short,
    },
    too_long: {
      one: "is too long (maximum is {count} character)",
      other: en.problems.too_long,
    },
  },
  sentences: {
    too_short: {
      one: "{field} is too short (minimum is {count} character)",
      other: en.sentences.too_short,
    },
    too_long: {
      one: "{field} is too long (maximum is {count} character)",
      other: en.sentences.too_long,
    },
  },
} as const;
