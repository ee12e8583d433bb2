// Everything here is a convenience: each page works without it.
const root = document.documentElement;
const TICK = ".bulk tbody [name=id]";
root.classList.add("scripting");

const say = (text) => {
  const region = document.getElementById("status");
  if (region) region.textContent = text;
};

// 1. Links and GET forms inside [data-live] replace that element by the one of the answer.
let running = null;

const show = async (url, live, { push = true } = {}) => {
  running?.abort();
  running = new AbortController();
  live.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { signal: running.signal, headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = answer.redirected ? null : page.getElementById(live.id);
    if (!fresh) return location.assign(url);
    const kept = focusOf(live);
    for (const part of live.querySelectorAll("[data-kept]")) fresh.querySelector(`#${part.id}`)?.replaceWith(part);
    live.replaceWith(fresh);
    const address = new URL(url);
    if (address.searchParams.has("former") && !fresh.querySelector("#query-problem")) address.searchParams.delete("former");
    if (push) history.pushState({ live: live.id }, "", address);
    document.title = page.title;
    restore(fresh, kept, push);
    enrich(fresh);
    say(fresh.dataset.summary ?? "");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
};

const focusOf = (live) => {
  const element = document.activeElement;
  if (!live.contains(element)) return null;
  const isChosen = element.closest("[data-row].chosen") !== null;
  return { isChosen, id: element.id, name: element.name, text: element.textContent.trim(), at: element.selectionStart, value: element.value };
};

// `isTyping`: the field keeps what was typed since the request. Of a page before, it has the page's own text.
const restore = (live, kept, isTyping = true) => {
  if (!kept) return;
  const found = (kept.id && document.getElementById(kept.id))
    || [...live.querySelectorAll("a, button, input, select, summary")].find((one) => kept.name ? one.name === kept.name && one.value === kept.value : one.textContent.trim() === kept.text);
  if (!found) return;
  found.focus({ preventScroll: true });
  if (kept.isChosen) found.closest("[data-row]")?.classList.add("chosen");
  if (isTyping && kept.id && kept.at != null && found.setSelectionRange && found.type !== "date") {
    found.value = kept.value;
    found.setSelectionRange(kept.at, kept.at);
  }
};

const urlOf = (form, button) => {
  const url = new URL(form.action);
  const sent = new FormData(form, button);
  url.search = new URLSearchParams([...sent].filter(([name, value]) => value !== "" && !(name === "op" && !sent.getAll("property").some(Boolean))));
  return url.href;
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-live-link]");
  const live = link?.closest("[data-live]");
  if (!live || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link.href, live);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const live = form.matches("[data-live-form]") && form.closest("[data-live]");
  if (live) {
    event.preventDefault();
    show(urlOf(form, event.submitter), live);
  } else if (form.method === "post") {
    setTimeout(() => { if (event.submitter) event.submitter.disabled = true; });
  }
});

let resting = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form.filters[data-live-form]");
  if (!form) return;
  clearTimeout(resting);
  resting = setTimeout(() => form.isConnected && show(urlOf(form), form.closest("[data-live]")), 250);
});

addEventListener("popstate", () => {
  clearTimeout(resting);
  const live = document.querySelector("[data-live]");
  if (live) show(location.href, live, { push: false });
  else location.reload();
});

addEventListener("pageshow", () => document.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; }));

// 2. Parts that load later, and parts that are loaded again while the page is visible.
const load = async (part, url) => {
  part.setAttribute("aria-busy", "true");
  try {
    const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) throw new Error("The answer lacks the part.");
    const kept = focusOf(part);
    const ticked = new Set([...part.querySelectorAll(`${TICK}:checked`)].map((box) => box.value));
    for (const box of fresh.querySelectorAll(TICK)) box.checked = ticked.has(box.value);
    part.replaceWith(fresh);
    restore(fresh, kept);
    enrich(fresh);
  } catch {
    part.removeAttribute("aria-busy");
  }
};

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) {
    near.unobserve(entry.target);
    load(entry.target, entry.target.dataset.part);
  }
}, { rootMargin: "300px" });

setInterval(() => {
  if (document.hidden || root.dataset.paused) return;
  for (const part of document.querySelectorAll("[data-refresh]")) {
    part.dataset.age = Number(part.dataset.age ?? 0) + 1;
    if (part.dataset.age >= part.dataset.refresh && !part.contains(document.activeElement) && !part.querySelector("svg:hover")) load(part, part.dataset.from ?? location.href);
  }
}, 1000);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pause]");
  if (!button) return;
  if (root.dataset.paused) delete root.dataset.paused; else root.dataset.paused = "1";
  button.textContent = root.dataset.paused ? "Refresh again" : "Pause";
});

// 3. Copying, also on plain http, where navigator.clipboard is missing.
const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from], [data-copy-link]");
  if (!button) return;
  const link = button.dataset.copyLink;
  await copy(link ? new URL(link, location).href : button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).textContent);
  button.classList.add("done");
  say("Copied");
  setTimeout(() => button.classList.remove("done"), 1500);
});

// 4. Times: how long ago, with the local time as the title; or the local time itself, where the order and the distance of times count.
const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["h", 3600], ["min", 60]];

const ago = (date) => {
  const seconds = (Date.now() - date) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
  if (!unit) return "just now";
  const count = Math.floor(Math.abs(seconds) / length);
  const words = `${count} ${unit}${count > 1 && length >= 86400 ? "s" : ""}`;
  return seconds < 0 ? `in ${words}` : `${words} ago`;
};

const enrich = (part) => {
  for (const time of part.querySelectorAll("time:not([title])")) {
    const date = new Date(time.dateTime || time.textContent.replace(" ", "T"));
    time.title = date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
    time.textContent = time.dataset.exact === undefined ? ago(date) : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  }
  for (const later of part.querySelectorAll("[data-part]")) near.observe(later);
  for (const link of part.querySelectorAll("[data-retry]")) countDown(link);
  showTicked();
};

// 5. A countdown that can be stopped: any key or click does it.
const countDown = (link) => {
  let left = Math.min(Number(link.dataset.retry) || 0, 60);
  if (!left) return;
  const words = link.textContent;
  const timer = setInterval(() => {
    left -= 1;
    link.textContent = `${words} (${left} s)`;
    if (left <= 0) location.reload();
  }, 1000);
  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, () => { clearInterval(timer); link.textContent = words; document.querySelector("[data-retry-note]")?.remove(); }, { once: true });
};

// 6. Menus close by Escape and by a click elsewhere.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});

// 7. Keys. Single letters can be switched off and never act inside fields.
const go = (pattern) => [...document.querySelectorAll(pattern)].find((one) => one.offsetParent || one.getClientRects().length);
const rows = () => [...document.querySelectorAll("[data-row]")];
let prefix = "";

const move = (step) => {
  const all = rows();
  const next = all[Math.max(0, Math.min(all.length - 1, all.findIndex((row) => row.classList.contains("chosen")) + step))];
  if (!next) return;
  all.forEach((row) => row.classList.toggle("chosen", row === next));
  (next.querySelector("th > a, a.name") ?? next.querySelector("a, input"))?.focus();
  next.scrollIntoView({ block: "nearest" });
};

const KEYS = {
  "/": () => go("[data-search], #big-search")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  o: () => document.querySelector(".chosen :is(th > a, a.name)")?.click(),
  x: () => document.querySelector(".chosen input[type=checkbox]")?.click(),
  f: () => go("[data-filter]")?.focus(),
  n: () => go("[data-key=new]")?.click(),
  c: () => go("[data-key=compare]")?.click(),
  ".": () => (ticks().some((box) => box.checked) && go(".selected-rows button") || go(".page-head .buttons :is(a, button, summary)"))?.focus(),
  "[": () => go("[data-key=older]")?.click(),
  "]": () => go("[data-key=newer]")?.click(),
  "?": () => go("[data-key=help]")?.click(),
};
const PLACES = { h: "brand", m: "models", e: "experiments", d: "deployments", c: "catalog" };

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    if (event.target.matches?.("[data-search]")) event.target.blur();
    return;
  }
  if (root.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  if (prefix === "g" && PLACES[event.key]) {
    const name = PLACES[event.key];
    (document.querySelector(`[data-go=${name}]`) ?? {}).click?.();
    prefix = "";
    return;
  }
  prefix = event.key === "g" ? "g" : "";
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

// 8. A range of tick boxes with Shift.
let last = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest?.(TICK);
  if (!box) return;
  if (event.shiftKey && last) {
    const boxes = [...document.querySelectorAll(TICK)];
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
});

// How many rows are ticked, and all of them at once.
const ticks = () => [...document.querySelectorAll(TICK)];
const showTicked = () => {
  const count = ticks().filter((box) => box.checked).length;
  for (const place of document.querySelectorAll("[data-ticked]")) place.textContent = count ? `${count} selected` : place.dataset.ticked;
  for (const all of document.querySelectorAll("[data-tick-all]")) {
    all.checked = count > 0 && count === ticks().length;
    all.indeterminate = count > 0 && !all.checked;
  }
  return count;
};

document.addEventListener("change", (event) => {
  if (!event.target.matches(`${TICK}, [data-tick-all]`)) return;
  if (event.target.matches("[data-tick-all]")) for (const box of ticks()) box.checked = event.target.checked;
  say(`${showTicked()} selected`);
});
addEventListener("pageshow", showTicked);

// 9. Forms: how many bytes are left in a field, whether a name is free, and a URI from a bucket and a path.
const few = 60;
const showLeft = (field) => {
  const left = field.dataset.bytes - new TextEncoder().encode(field.value).length;
  const place = document.querySelector(`[data-left-of="${field.id}"]`);
  if (place) place.textContent = left < 0 ? `${-left} bytes too many.` : left < few ? `${left} bytes left.` : "";
};

let pausing = 0;
const checkName = (field, place) => {
  clearTimeout(pausing);
  pausing = setTimeout(async () => {
    try {
      const answer = await fetch(`${place.dataset.check}?name=${encodeURIComponent(field.value)}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...(page.getElementById(place.dataset.takes ?? "name-check")?.childNodes ?? []));
    } catch {
      place.replaceChildren();
    }
  }, 250);
};

const showUri = (form) => {
  const value = (name) => form.elements[`place-${name}`].value.trim();
  const query = new URLSearchParams([["endpoint", value("endpoint")], ["defaultRegion", value("region")]].filter(([, text]) => text));
  if (value("bucket") && value("path")) form.elements.uri.value = `s3://${value("bucket")}/${value("path").replace(/^\/+/, "")}${query.size ? `?${query}` : ""}`;
};

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset.bytes) showLeft(field);
  const place = field.id && document.querySelector(`[data-check-of="${CSS.escape(field.id)}"]`);
  if (place) checkName(field, place);
  if (field.closest("[data-place]")) showUri(field.form);
});

// Enter in a field with a button of its own presses that one, not the first button of the form.
document.addEventListener("keydown", (event) => {
  const name = event.key === "Enter" && event.target.dataset.enter;
  if (!name) return;
  event.preventDefault();
  document.getElementById(name).click();
});

enrich(document);
