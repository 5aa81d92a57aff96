import { expect, test } from "vitest";
import { parseUrl } from "./parse-url.js";

test.each([
  ["https://bücher.example/", "https://xn--bcher-kva.example/"],
  ["https://BÜCHER.example/", "https://xn--bcher-kva.example/"],
  ["https://app.example.com/grüße?à=é#ø", "https://app.example.com/gr%C3%BC%C3%9Fe?%C3%A0=%C3%A9#%C3%B8"],
  ["myapp://häuser/ÿ", "myapp://h%C3%A4user/%C3%BF"],
])("%s is that URL, however often it is asked", (text, href) => {
  const read = new Set(Array.from({ length: 20_000 }, () => parseUrl(text)?.href));
  expect([...read]).toEqual([href]);
});

test.each(["", "/auth", "app.example.com", "https://", "http://[::1", "https://a b.example"])(
  "%j is none",
  (text) => {
    expect(parseUrl(text)).toBeUndefined();
  },
);
