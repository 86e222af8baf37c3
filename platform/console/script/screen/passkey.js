// 通行密钥: what the page asks for (`data-passkey`, `data-options`) is done by the device, and its answer goes with the form. Without script
// the codes are there.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

function text(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

/** What the server asks, with bytes where it has text. */
function asked(options) {
  const { publicKey } = JSON.parse(options);
  return {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    ...(publicKey.user && { user: { ...publicKey.user, id: bytes(publicKey.user.id) } }),
    ...(publicKey.excludeCredentials && { excludeCredentials: known(publicKey.excludeCredentials) }),
    ...(publicKey.allowCredentials && { allowCredentials: known(publicKey.allowCredentials) }),
  };
}

/** What the device answers, with text where it has bytes. */
function answered({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const told = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(told) });
}

const TOLD = {
  InvalidStateError: "这台设备已经添加过，不必重复添加。",
  SecurityError: "当前网址不能使用通行密钥，请改用后台的正式网址。",
  NotAllowedError: "没有完成验证。请重试，或改用其他方式。",
};

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  const [field, button, told] = ["input", "button", "[role=status]"].map((name) => part.querySelector(name));
  part.hidden = false;
  button.addEventListener("click", async () => {
    told.textContent = "";
    try {
      field.value = answered(await navigator.credentials[part.dataset.passkey]({ publicKey: asked(part.dataset.options) }));
      part.closest("form").requestSubmit();
    } catch (error) {
      told.textContent = TOLD[error.name] ?? TOLD.NotAllowedError;
    }
  });
}
