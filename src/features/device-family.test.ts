import { expect, test } from "vitest";
import { familyOf } from "./device-family.js";

const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/131.0.0.0 Safari/537.36`, "Chrome (Windows)"],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.70`,
    "Edge (Windows)",
  ],
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/131.0.0.0 Safari/537.36 OPR/115.0.0.0`, "Opera (Linux)"],
  ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox (Linux)"],
  [
    `Mozilla/5.0 (Linux; Android 14; SM-S921B) ${webkit} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
    "Samsung Internet (Android)",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Safari (iOS)",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
    "Chrome (iOS)",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Safari (macOS)",
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/131.0.0.0 Safari/537.36`, "Chrome (ChromeOS)"],
  ["okhttp/4.12.0", "okhttp"],
  ["MyApp/7 CFNetwork/1568.200.51 Darwin/24.1.0", "MyApp"],
  ["MyApp/1.2 CFNetwork/758.3.15 Darwin/15.4.0", "MyApp"],
  ["evil.example/1 call 555-0100", ""],
  ["<b>x</b>", ""],
  ["Mozilla/5.0", ""],
  ["", ""],
  [null, ""],
])("%s is %j", (userAgent, family) => {
  expect(familyOf(userAgent)).toBe(family);
});

test("an update of the browser or the system is no other device", () => {
  const agent = (chrome: number, android: number): string =>
    `Mozilla/5.0 (Linux; Android ${android}; K) ${webkit} Chrome/${chrome}.0.0.0 Mobile Safari/537.36`;
  expect(familyOf(agent(131, 14))).toBe(familyOf(agent(140, 16)));
});
