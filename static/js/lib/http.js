/** Requests to our own server: JSON in, JSON out, a problem document as an error in words. */

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || "The server could not be reached. Nothing was lost; try again.");
    this.status = status;
    this.code = body.code ?? "";
    this.reference = body.instance ?? "";
    this.errors = body.errors ?? [];
  }

  /** All that went wrong, for people. */
  get words() {
    const more = this.errors.map((error) => error.detail).filter((detail) => detail && detail !== this.message);
    const reference = this.status >= 500 && this.reference ? `Reference ${this.reference}.` : "";
    return [this.message, ...more, reference].filter(Boolean).join(" ");
  }
}

function token() {
  const field = document.querySelector("[name=csrfmiddlewaretoken]");
  return field instanceof HTMLInputElement ? field.value : "";
}

export async function send(url, { method = "POST", body, headers = {} } = {}) {
  let response;
  try {
    response = await fetch(url, {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token(), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, {});
  }
  const kind = response.headers.get("Content-Type") ?? "";
  const answer = /json/.test(kind) ? await response.json() : {};
  if (!response.ok) throw new Problem(response.status, { title: `The server answered ${response.status}.`, ...answer });
  return answer;
}

/**
 * Bytes of a picture, with the share that has arrived (of the size that is expected once unpacked).
 * @param {(bytes: Uint8Array, received: number) => void} [onPart]
 */
export async function bytes(url, size, onPart) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
  } catch {
    throw new Problem(0, {});
  }
  if (!response.ok || !response.body) throw new Problem(response.status, { title: `The server answered ${response.status}.` });
  const out = new Uint8Array(size);
  const reader = response.body.getReader();
  let received = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (received + part.value.length > size) throw new RangeError("more bytes arrived than the picture has");
    out.set(part.value, received);
    received += part.value.length;
    onPart?.(out, received);
  }
  if (received !== size) throw new RangeError(`${received} of ${size} bytes arrived`);
  return out;
}
