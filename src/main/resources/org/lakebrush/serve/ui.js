/** What the page says, and what it hands out. */
import {Refusal} from './api.js';

export const $ = id => document.getElementById(id);

/** Said to those who do not see it. */
export function say(text) {
  $('said').textContent = text;
}

/** What an error's kind is called. */
const TITLES = {CONNECTION: 'No connection', BUSY: 'The server is busy', TOO_LARGE: 'Too large', UNAUTHORIZED: 'Not let in',
  STOPPING: 'The server is stopping'};
let countdown = 0;

export function hush() {
  clearInterval(countdown);
  $('notice').hidden = true;
}

/**
 * A message over the picture.
 *
 * @param tone good, look or bad
 */
export function tell(tone, title, text) {
  hush();
  $('notice').className = 'notice ' + tone;
  $('notice-title').textContent = title;
  $('notice-text').textContent = text;
  $('notice-again').hidden = true;
  $('notice').hidden = false;
  $('notice').scrollIntoView({block: 'nearest'});
}

/**
 * What went wrong.
 *
 * @param e with a title where its kind's would not do
 * @param again does it once more
 */
export function complain(e, again) {
  tell('bad', e.title ?? TITLES[e.kind] ?? 'That did not work', e.message);
  if (e.wait > 0) {
    const button = $('notice-again');
    const until = Date.now() + 1000 * e.wait;
    const count = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? `Try again in ${left} s` : 'Try again';
    };
    count();
    countdown = setInterval(count, 1000);
    button.hidden = false;
    button.onclick = again;
  }
  if (!(e instanceof Refusal)) {
    console.error(e);
  }
}

export const isWorking = () => document.body.classList.contains('working');

/** While something is being done, nothing else can be. */
function setWorking(on) {
  document.body.classList.toggle('working', on);
  document.querySelectorAll('.top, .bar, .side, #stage, #empty').forEach(part => {
    part.inert = on;
  });
}

/**
 * Does something that takes a while, and lets it be cancelled.
 *
 * @param what is being done
 * @param again asks for it once more
 * @param work given a signal
 * @returns what the work gives; null where it was cancelled, or went wrong, which is told
 */
export async function busy(what, again, work) {
  hush();
  const cancel = new AbortController();
  const before = document.activeElement;
  const start = performance.now();
  const count = () => {
    $('busy-time').textContent = ((performance.now() - start) / 1000).toFixed(1) + ' s';
  };
  // What takes no time at all does not flash.
  const show = setTimeout(() => {
    $('busy').hidden = false;
    $('busy-cancel').focus();
  }, 150);
  const tick = setInterval(count, 100);
  count();
  $('busy-what').textContent = what;
  $('busy-cancel').onclick = () => cancel.abort();
  setWorking(true);
  say(what);
  try {
    return await work(cancel.signal);
  } catch (e) {
    if (cancel.signal.aborted) {
      say('Cancelled');
    } else {
      complain(e, again);
    }
    return null;
  } finally {
    clearTimeout(show);
    clearInterval(tick);
    $('busy').hidden = true;
    setWorking(false);
    before?.focus({preventScroll: true});
  }
}

/** Downloads a file. */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied');
    return true;
  } catch {
    // Only pages of this machine or of https may copy; what is selected, all may.
    getSelection().selectAllChildren(element);
    return false;
  }
}

/** Asks for the token; null where none is given. */
export function askForToken(text) {
  const dialog = $('token');
  const form = dialog.querySelector('form');
  $('token-text').textContent = text;
  $('token-value').value = '';
  dialog.showModal();
  return new Promise(resolve => {
    form.onsubmit = event => {
      event.preventDefault();
      dialog.close($('token-value').value);
    };
    dialog.onclose = () => {
      resolve(dialog.returnValue || null);
      dialog.returnValue = '';
    };
  });
}

for (const button of document.querySelectorAll('dialog .close')) {
  button.addEventListener('click', () => button.closest('dialog').close(''));
}
$('notice-close').addEventListener('click', hush);
$('busy').addEventListener('keydown', event => event.key === 'Escape' && $('busy-cancel').click());
