import { expect, test } from "vitest";
import { ConfigError } from "../errors.js";
import { settingsFromEnvironment, variableOf } from "./environment.js";
import { settingNames } from "./resolve.js";

test("a variable sets the setting of its name", () => {
  expect(
    settingsFromEnvironment({
      KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE: "0s",
      KEYTURN_CHANGE_HEADERS_ON_EACH_REQUEST: "false",
      KEYTURN_MAX_NUMBER_OF_DEVICES: "3",
      KEYTURN_CORS: '{"origins":["https://a.example.com"]}',
      KEYTURN_TRUSTED_PROXIES: "10.0.0.0/8, 127.0.0.1",
      KEYTURN_IDLE_TIMEOUT: "null",
      KEYTURN_HEADERS_NAMES: '{"access-token":"access_token"}',
      PATH: "/bin",
    }),
  ).toEqual({
    batchRequestBufferThrottle: "0s",
    changeHeadersOnEachRequest: false,
    maxNumberOfDevices: 3,
    cors: { origins: ["https://a.example.com"] },
    trustedProxies: ["10.0.0.0/8", "127.0.0.1"],
    idleTimeout: null,
    headersNames: { "access-token": "access_token" },
  });
});

test("variables that are no setting are reported together, without their values", () => {
  const read = () => settingsFromEnvironment({ KEYTURN_TYPO: "s3cret-1", KEYTURN_MODELS: "s3cret-2" });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/KEYTURN_TYPO.*KEYTURN_MODELS/s);
  expect(read).not.toThrow(/s3cret/);
});

test("no two settings share a variable", () => {
  expect(new Set(settingNames.map(variableOf)).size).toBe(settingNames.length);
});
