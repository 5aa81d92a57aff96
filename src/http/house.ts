import type { Domain } from "../core/domain.js";
import type { Registry } from "../core/models.js";
import type { SlowRequests } from "../core/slow-requests.js";
import type { Resolved } from "../settings.js";
import type { RequestHead } from "./credentials.js";
import type { Origins } from "./origins.js";

/** Everything that answers requests work with, put together once by `createAuth`. */
export interface House {
  readonly domain: Domain;
  readonly settings: Resolved;
  readonly registry: Registry;
  readonly origins: Origins;
  readonly slow: SlowRequests;
  /** The address of the client itself, behind whichever proxies are trusted. */
  addressOf(head: RequestHead): string | null;
}
