// Asks the server for something small in the background, and says in one word how that went.

import { post } from "../send.js";

/** `lost`: no answer; `expired`: signed out; `failing`: no good answer; else what the server says. */
export async function ask(address, fields, options = {}) {
  try {
    const body = new URLSearchParams(fields);
    const answer = await post(address, { body, redirect: "manual", signal: AbortSignal.timeout(15_000), ...options });
    if (answer.type === "opaqueredirect") return { state: "expired" };
    if (!answer.ok) return { state: answer.status === 413 ? "long" : "failing" };
    return await answer.json();
  } catch {
    return { state: "lost" };
  }
}
