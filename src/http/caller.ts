import { userAgentOf } from "../events.js";
import type { Caller } from "../features/caller.js";
import type { RequestHead } from "./credentials.js";
import { readDeviceMark } from "./device-mark.js";
import type { Runtime } from "./runtime.js";

/** What proxies write that have forwarded a request, whether or not it names the client. Frameworks write `X-Forwarded-Proto` too. */
const traces = ["forwarded", "via", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"];

/** Who asks, as far as the connection and the headers tell. */
export function callerOf(runtime: Runtime, head: RequestHead): Caller {
  return {
    address: runtime.addressOf(head),
    hiddenBy: hiddenBy(runtime, head),
    isGone: head.isPeerGone ?? false,
    userAgent: userAgentOf(head.header("user-agent")),
    deviceMark: readDeviceMark(head, runtime.settings),
  };
}

function hiddenBy(runtime: Runtime, head: RequestHead): Caller["hiddenBy"] {
  const namesClient = head.header("x-forwarded-for") !== undefined;
  if (!namesClient && !traces.some((name) => head.header(name) !== undefined)) return undefined;
  if (!runtime.isProxied(head)) return "unlisted";
  return namesClient ? undefined : "silent";
}
