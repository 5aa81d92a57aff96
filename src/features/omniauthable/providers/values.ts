import type { JsonObject, Profile } from "./provider.js";

/** Readers of what providers send: any of it may be missing, or of another type than yesterday. */

/** The part of a value that is an object; an empty one otherwise. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that is not blank. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** An id as text, whether it comes as a number or as text. Numbers past 2^53 come as text: the reader of responses sees to that. */
export function idOf(value: unknown): string | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : textOf(value);
}

/** `true`, or the text of it, as Apple writes it. */
export function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

/** A web address of a picture. Pictures in the address itself may have megabytes. */
export function imageOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && text.length <= 2048 && text.startsWith("https://") ? text : null;
}

/** The profile in the claims of OpenID Connect Core 1.0 §5.1. */
export function standardProfile(claims: JsonObject): Profile {
  return {
    subject: idOf(claims["sub"]),
    email: textOf(claims["email"]),
    emailVerified: claims["email_verified"] === true,
    name: textOf(claims["name"]),
    nickname: textOf(claims["nickname"]) ?? textOf(claims["preferred_username"]),
    image: imageOf(claims["picture"]),
  };
}
