/** The server's HTTP interface (api/openapi.json). */

const TOKEN = 'lakebrush-token';

/** Why a request came to nothing, in words for the user. */
export class Refusal extends Error {
  /**
   * @param kind the server's error_kind, or CONNECTION
   * @param wait seconds after which to try again; 0 where the server says nothing of that
   */
  constructor(kind, message, wait = 0) {
    super(message);
    Object.assign(this, {kind, wait});
  }
}

/** Asks for the token, given what the server said; resolves to null where the user gives none. */
let askForToken = async () => null;

export function onUnauthorized(ask) {
  askForToken = ask;
}

/** The base64 of an answer, as a file. */
export function file(answer) {
  const text = atob(answer.result);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return new Blob([bytes], {type: answer.media_type || 'image/' + answer.format});
}

/**
 * One request, and one more for each token that the user gives.
 *
 * @param path such as api/inpaint
 * @param parts [name, text or Blob, file name] each
 * @param signal ends the request
 * @throws Refusal, or the signal's AbortError
 */
export async function post(path, parts, signal) {
  for (;;) {
    const response = await send(path, parts, signal);
    const answer = await read(response, signal);
    if (response.ok) {
      return answer;
    }
    const refusal = new Refusal(answer.error_kind, answer.message || 'The server answered ' + response.status + ' and gave no reason.',
      Number(response.headers.get('Retry-After')) || 0);
    const token = response.status === 401 ? await askForToken(refusal.message) : null;
    if (token === null) {
      throw refusal;
    }
    sessionStorage.setItem(TOKEN, token);
  }
}

async function send(path, parts, signal) {
  const body = new FormData();
  for (const [name, value, fileName] of parts) {
    if (fileName === undefined) {
      body.append(name, value);
    } else {
      body.append(name, value, fileName);
    }
  }
  const token = sessionStorage.getItem(TOKEN);
  const headers = {Accept: 'application/json', ...(token === null ? {} : {Authorization: 'Bearer ' + token})};
  try {
    return await fetch(path, {method: 'POST', body, headers, signal});
  } catch (e) {
    throw lost(e, signal);
  }
}

async function read(response, signal) {
  try {
    return response.headers.get('Content-Type')?.startsWith('application/json') ? await response.json() : {};
  } catch (e) {
    throw lost(e, signal);
  }
}

function lost(e, signal) {
  return signal?.aborted ? e : new Refusal('CONNECTION', 'The connection to the server was lost. Is it still running? It also hangs up on '
    + 'files that are larger than it takes (serve --max-upload).');
}
