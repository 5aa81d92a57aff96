/** One question at a service that tells whether a token is good ("siteverify"), and its answer, as far as it can be trusted to be one. */
export interface SiteVerifyOptions {
  readonly endpoint: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What Turnstile and hCaptcha have in common. */
export interface SiteVerifyAnswer {
  readonly success: boolean;
  readonly hostname: string | undefined;
  readonly action: string | undefined;
  readonly errorCodes: readonly string[];
}

/** Bytes of an answer that are read at most; a real one has a few hundred. */
const longestAnswer = 16 * 1024;

/** Asks. Rejects where nobody answers in time, or the answer is none. No redirect is followed: the secret goes to no other place. */
export async function askSiteVerify({
  endpoint,
  fields,
  timeout,
}: SiteVerifyOptions): Promise<SiteVerifyAnswer> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { accept: "application/json", "user-agent": "keyturn" },
    body: new URLSearchParams(fields),
    redirect: "error",
    signal: AbortSignal.timeout(timeout),
  });
  // A refusal of the secret comes with a status of 400 from some.
  if (!response.ok && response.status !== 400) {
    await response.body?.cancel();
    throw new Error(`It responded with status ${response.status}`);
  }
  return answerOf(parse(await readUpTo(response, longestAnswer)));
}

async function readUpTo({ body }: Response, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop gives the rest of the body up.
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > most) throw new Error("Its answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("Its answer is not JSON", { cause });
  }
}

function answerOf(value: unknown): SiteVerifyAnswer {
  const member = (name: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  const textOf = (name: string): string | undefined => {
    const text = member(name);
    return typeof text === "string" ? text : undefined;
  };
  const success = member("success");
  if (typeof success !== "boolean") throw new Error("Its answer does not say whether the token is good");
  const codes = member("error-codes");
  return {
    success,
    hostname: textOf("hostname"),
    action: textOf("action"),
    errorCodes: Array.isArray(codes) ? codes.filter((one) => typeof one === "string") : [],
  };
}
