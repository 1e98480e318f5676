"use strict";
const byId = id => document.getElementById(id);
const PLAN = ["total_steps", "epochs", "steps_per_epoch"];

// ---- The core: a program that reads a request from stdin and writes the answer to stdout.

let core;

async function load() {
  const bytes = id => Uint8Array.from(atob(byId(id).textContent.trim()), c => c.charCodeAt(0));
  // Browsers unpack gzip, but as LZMA the core is a quarter smaller, with the program that unpacks it.
  const unzipped = new Blob([bytes("unpack")]).stream().pipeThrough(new DecompressionStream("gzip"));
  const unpack = await WebAssembly.compile(await new Response(unzipped).arrayBuffer());
  core = await WebAssembly.compile(run(unpack, bytes("core")));
}

function ask(request) {
  try {
    return JSON.parse(new TextDecoder().decode(run(core, new TextEncoder().encode(JSON.stringify(request)))));
  } catch (error) {
    return { error: "the program failed: " + error.message };
  }
}

// What a program writes to stdout when it has `input` on stdin.
function run(program, input) {
  const output = [], errors = [];
  const memory = () => new DataView(instance.exports.memory.buffer);
  // Calls `each` with the pieces of memory of a vector of buffers, and writes how many bytes it took.
  const buffers = (vector, count, done, each) => {
    let total = 0;
    for (let i = 0; i < count; i++) {
      const [at, length] = [memory().getUint32(vector + 8 * i, true), memory().getUint32(vector + 8 * i + 4, true)];
      total += each(new Uint8Array(memory().buffer, at, length));
    }
    memory().setUint32(done, total, true);
    return 0;
  };
  const wasi = {
    fd_read: (_file, vector, count, done) => buffers(vector, count, done, piece => {
      const part = input.subarray(0, piece.length);
      piece.set(part);
      input = input.subarray(part.length);
      return part.length;
    }),
    fd_write: (file, vector, count, done) => buffers(vector, count, done, piece => {
      (file === 1 ? output : errors).push(piece.slice());
      return piece.length;
    }),
    // Seeds of hash maps; without outside input to collide them, any will do.
    random_get: () => 0,
    environ_sizes_get: (count, size) => (memory().setUint32(count, 0, true), memory().setUint32(size, 0, true), 0),
    environ_get: () => 0,
    proc_exit: code => { throw new Error("exit " + code); },
  };
  const instance = new WebAssembly.Instance(program, { wasi_snapshot_preview1: wasi });
  try {
    instance.exports._start();
  } catch (error) {
    throw new Error(new TextDecoder().decode(joined(errors)) || error.message);
  }
  return joined(output);
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// ---- The file and the run.

function plan() {
  const entries = PLAN.map(name => [name, byId(name).value.trim()]).filter(([, value]) => value !== "");
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value)]));
}

function request(more) {
  return { text: byId("text").value, plan: plan(), step: Math.min(byId("step").value, Number.MAX_SAFE_INTEGER), parts: 500, ...more };
}

// ---- The numbers of the file, as sliders that change its text and leave the rest of it as it is.

// The numbers in a text, each with the name before it; comments have none.
function numbers(text) {
  const pattern = /#.*|(["']?)([A-Za-z_][\w.-]*)\1\s*[:=]|(?<![\w.+-])-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w.])/g;
  const found = [], times = new Map();
  let name = "number";
  for (const match of text.matchAll(pattern)) {
    if (match[2]) {
      name = match[2];
    } else if (!match[0].startsWith("#") && !/^["']?\s*:/.test(text.slice(match.index + match[0].length))) {
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      found.push({ name, label: time > 1 ? name + " (" + time + ")" : name, at: match.index, text: match[0] });
    }
  }
  return found;
}

// What a slider spans: whole numbers and large ones up to four times the value, small ones by ratio.
function span(number, highest, steps) {
  const value = Number(number.text), whole = /^-?\d+$/.test(number.text);
  const counts = /step|epoch|iter|start|period|milestone|warmup|patience|cooldown|T_/i.test(number.name);
  if (value < 0) return { low: 2 * value, high: 0, stride: whole ? 1 : -value / 100, whole };
  if (value === 0) return counts ? { low: 0, high: steps, stride: 1, whole: true } : { low: 0, high: highest || 1, stride: (highest || 1) / 200 };
  if (whole && (counts || value > 1)) return { low: 1, high: 4 * value, stride: 1, whole };
  if (value > 1) return { low: 0, high: 4 * value, stride: value / 100 };
  if (value > 0.05) return { low: 0, high: 1, stride: 0.001 };
  return { low: Math.log10(value) - 2, high: Math.log10(value) + 2, stride: 0.01, log: true };
}

// As JSON, TOML and Python's YAML take a number for the kind that it was.
function written(value, whole) {
  if (whole) return String(Math.round(value));
  const text = String(Number(value.toPrecision(4)));
  if (text.includes(".")) return text;
  return text.includes("e") ? text.replace("e", ".0e") : text + ".0";
}

function replace(index, value) {
  const text = byId("text").value, number = numbers(text)[index];
  byId("text").value = text.slice(0, number.at) + value + text.slice(number.at + number.text.length);
}

function showNumbers(answer) {
  const highest = answer.lines ? Math.max(...answer.lines.flatMap(line => line.points.map(point => point[1]))) : 1;
  const rows = numbers(byId("text").value).slice(0, 40).map((number, index) => {
    const row = document.createElement("div"), label = document.createElement("label");
    const slider = document.createElement("input"), field = document.createElement("input");
    const range = span(number, highest, answer.steps ?? 1000);
    row.className = "number";
    slider.type = "range";
    slider.id = "number-" + index;
    [slider.min, slider.max, slider.step] = [range.low, range.high, range.stride];
    slider.value = range.log ? Math.log10(Number(number.text)) : Number(number.text);
    slider.setAttribute("aria-valuetext", number.text);
    label.htmlFor = slider.id;
    label.textContent = number.label;
    field.value = number.text;
    field.inputMode = "decimal";
    field.setAttribute("aria-label", number.label + ", exactly");
    slider.addEventListener("input", () => {
      const value = written(range.log ? 10 ** Number(slider.value) : Number(slider.value), range.whole);
      field.value = value;
      slider.setAttribute("aria-valuetext", value);
      replace(index, value);
      update();
    });
    slider.addEventListener("change", remember);
    field.addEventListener("change", () => {
      if (!/^-?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(field.value.trim())) {
        field.setCustomValidity("a number, such as 0.1 or 500");
        field.reportValidity();
        return;
      }
      replace(index, field.value.trim());
      changed();
    });
    field.addEventListener("input", () => field.setCustomValidity(""));
    row.append(label, slider, field);
    return row;
  });
  byId("numbers").replaceChildren(...rows);
}

// ---- The picture.

let shown, scale;

// About `count` round numbers from `from` to `to`.
function ticks(from, to, count) {
  const raw = (to - from) / count, power = 10 ** Math.floor(Math.log10(raw));
  const stride = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw * 0.999);
  const result = [];
  for (let i = Math.ceil(from / stride); i * stride <= to; i++) result.push(i * stride);
  return result;
}

const short = x => (x !== 0 && (x < 0.01 || x >= 1e6) ? x.toExponential(1).replace(".0e", "e").replace("+", "") : String(Number(x.toPrecision(4))));

function draw() {
  const svg = byId("plot"), log = byId("log").checked;
  const width = svg.clientWidth || 600, height = svg.clientHeight || 320;
  const [left, right, top, bottom] = [60, width - 14, 10, height - 38];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const last = shown.steps - 1;
  const lines = shown.lines.map(line => line.points.filter(point => !log || point[1] > 0));
  let lowest = Infinity, highest = 0;
  for (const line of lines) for (const [, rate] of line) {
    if (rate > highest) highest = rate;
    if (rate < lowest) lowest = rate;
  }
  if (highest === 0) [lowest, highest] = [0.1, 1];
  const bend = log ? Math.log10 : y => y;
  // An axis has no end beyond the largest float, and some height when all rates are one.
  const low = log ? bend(lowest < highest ? lowest : lowest / 10) : 0, high = bend(highest) + (log ? 0 : Math.min(highest * 0.05, Number.MAX_VALUE - highest));
  const px = step => left + (right - left) * step / last;
  const py = rate => bottom - (bottom - top) * (bend(rate) - low) / (high - low);
  scale = { left, right, top, bottom, last, px, py, log };
  const parts = [];
  for (const step of ticks(0, last, width / 100).filter(Number.isInteger)) {
    parts.push(`<line class="grid" x1="${px(step)}" x2="${px(step)}" y1="${top}" y2="${bottom}"/>`);
    parts.push(`<text x="${px(step)}" y="${bottom + 16}" text-anchor="${px(step) > right - 16 ? "end" : "middle"}">${short(step)}</text>`);
  }
  const powers = log ? ticks(low, high, 6).filter(Number.isInteger) : [];
  const rates = log ? (powers.length > 1 ? powers.map(power => 10 ** power) : [10 ** low, 10 ** high]) : ticks(0, high, 5);
  for (const rate of rates) {
    parts.push(`<line class="grid" x1="${left}" x2="${right}" y1="${py(rate)}" y2="${py(rate)}"/>`);
    parts.push(`<text x="${left - 6}" y="${py(rate) + 4}" text-anchor="end">${short(rate)}</text>`);
  }
  parts.push(`<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>`);
  parts.push(`<text x="${(left + right) / 2}" y="${height - 4}" text-anchor="middle">step</text>`);
  lines.forEach((line, i) => {
    const points = line.map(([step, rate]) => px(step).toFixed(1) + "," + py(rate).toFixed(1)).join(" ");
    parts.push(`<polyline class="curve" stroke="var(--line-${i % 4})" points="${points}"/>`);
  });
  svg.innerHTML = parts.join("") + `<g id="hair"></g>`;
  showStep();
}

// The crosshair and the rates at its step.
function showStep() {
  const step = Number(byId("step").value), { left, right, top, bottom, px, py, log } = scale;
  const parts = [`<line class="hair" x1="${px(step)}" x2="${px(step)}" y1="${top}" y2="${bottom}"/>`];
  shown.lines.forEach(({ rate }, i) => {
    if (log && rate <= 0) return;
    if (i === 0) parts.push(`<line class="hair" x1="${left}" x2="${right}" y1="${py(rate)}" y2="${py(rate)}"/>`);
    parts.push(`<circle r="4" cx="${px(step)}" cy="${py(rate)}" fill="var(--line-${i % 4})"/>`);
  });
  byId("hair").innerHTML = parts.join("");
  byId("rates").replaceChildren(...shown.lines.map((line, i) => {
    const row = document.createElement("tr");
    const name = shown.lines.length > 1 ? "group " + i : "step " + step;
    row.append(...[name, line.rate].map(text => Object.assign(document.createElement("td"), { textContent: text })));
    row.style.color = `var(--line-${i % 4})`;
    return row;
  }));
  byId("step").setAttribute("aria-valuetext", "step " + step + ": rate " + shown.lines.map(line => line.rate).join(", "));
}

// ---- What happens when something changes.

// A number of the run that is none.
function mistake() {
  const wrong = PLAN.map(byId).find(field => !/^\d*$/.test(field.value.trim()));
  return wrong && { error: "`" + wrong.id + "` is " + wrong.value + ", but must be a whole number, such as 100" };
}

function update() {
  const answer = mistake() ?? ask(request());
  byId("error").textContent = answer.error ?? "";
  byId("text").setAttribute("aria-invalid", String("error" in answer));
  // The last picture stays while the file is being written.
  clearTimeout(check);
  if ("error" in answer) {
    byId("findings").replaceChildren();
    if (!shown) byId("words").textContent = "";
    return answer;
  }
  byId("findings").setAttribute("aria-busy", "true");
  check = setTimeout(showFindings, PAUSE);
  shown = answer;
  const end = String(answer.steps - 1);
  if (byId("step").max !== end) {
    byId("step").max = end;
    shown.lines.forEach((line, i) => { line.rate = ask(request({ parts: 2 })).lines[i].rate; });
  }
  byId("words").replaceChildren(...answer.lines.map((line, i) => {
    const text = (answer.lines.length > 1 ? "Group " + i + ": " : "") + line.words;
    return Object.assign(document.createElement("p"), { textContent: text });
  }));
  const length = answer.told_by_run ? "A run of " + answer.steps + " steps" : "The first " + answer.steps + " steps; the file does not say how long the run is";
  byId("notes").replaceChildren(...["Read as: " + answer.kind, length, ...answer.notes].map(text => Object.assign(document.createElement("li"), { textContent: text })));
  draw();
  return answer;
}

// What looks wrong. Fixes are found by trying, which takes longer than a slider may.
const PAUSE = 200;
let check;

function showFindings() {
  const { findings, told_by_run, steps } = ask(request({ also: "findings" }));
  const run = told_by_run ? " in a run of " + steps + " steps" : "; with the number of steps, its length is checked too";
  const rows = findings.map(({ is_note, step, words, fix }) => {
    const row = document.createElement("li");
    const show = Object.assign(document.createElement("button"), { textContent: "Show", disabled: step >= steps });
    show.setAttribute("aria-label", "Show step " + step);
    show.addEventListener("click", () => {
      byId("step").value = step;
      byId("step").dispatchEvent(new Event("input"));
    });
    row.append(Object.assign(document.createElement("p"), { textContent: (is_note ? "note: " : "") + words }));
    if (fix) row.append(Object.assign(document.createElement("p"), { textContent: "Fix: " + fix }));
    row.append(show);
    return row;
  });
  if (findings.every(finding => finding.is_note)) {
    rows.push(Object.assign(document.createElement("li"), { textContent: "No problems found" + run + "." }));
  }
  byId("findings").replaceChildren(...rows);
  byId("findings").setAttribute("aria-busy", "false");
}

function changed() {
  showNumbers(update());
  remember();
}

function state() {
  return encodeURIComponent(JSON.stringify({ text: byId("text").value, plan: plan(), log: byId("log").checked }));
}

function remember() {
  byId("status").textContent = "";
  byId("code").hidden = true;
  history.replaceState(null, "", "#" + state());
}

// Fills the page from the address, or from the first of the menu.
function restore() {
  try {
    const { text, plan = {}, log = false } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    byId("text").value = text;
    for (const name of PLAN) byId(name).value = plan[name] ?? "";
    byId("log").checked = log;
  } catch {
    if (location.hash.length > 1) byId("status").textContent = "The link is damaged; this is the first schedule of the menu.";
    byId("text").value = JSON.stringify(menu[0].file, null, 2);
  }
  showNumbers(update());
}

async function copy(form) {
  const answer = form === "link" ? {} : mistake() ?? ask(request({ also: "code" }));
  const torch = answer.code?.torch;
  const text = form === "link" ? location.href.split("#")[0] + "#" + state() : form === "torch" ? torch?.Ok : answer.code?.[form];
  const names = { rust: "Rust", json: "JSON", yaml: "YAML", torch: "PyTorch", link: "The link" };
  if (text === undefined) {
    byId("status").textContent = answer.error ? "There is nothing to copy until the file can be read." : torch.Err;
    byId("code").hidden = true;
    return;
  }
  byId("code").textContent = text;
  byId("code").hidden = false;
  try {
    await navigator.clipboard.writeText(text);
    byId("status").textContent = names[form] + " is copied.";
  } catch {
    getSelection().selectAllChildren(byId("code"));
    byId("status").textContent = names[form] + " is selected; copy it from here.";
  }
}

const menu = JSON.parse(byId("menu-data").textContent);
byId("menu").append(new Option("(choose)", ""), ...menu.map(({ name }, i) => new Option(name, i)));
byId("menu").addEventListener("change", event => {
  if (event.target.value === "") return;
  byId("text").value = JSON.stringify(menu[event.target.value].file, null, 2);
  for (const name of PLAN) byId(name).value = "";
  changed();
});
for (const id of ["text", ...PLAN]) {
  byId(id).addEventListener("input", () => showNumbers(update()));
  // Not at every key: browsers limit how often an address changes.
  byId(id).addEventListener("change", remember);
}
byId("log").addEventListener("change", () => (draw(), remember()));
byId("step").addEventListener("input", () => {
  const answer = ask(request({ parts: 2 }));
  if ("error" in answer) return;
  shown.lines.forEach((line, i) => { line.rate = answer.lines[i]?.rate ?? line.rate; });
  showStep();
});
byId("plot").addEventListener("pointermove", event => {
  if (!scale) return;
  const x = event.clientX - byId("plot").getBoundingClientRect().left;
  const step = Math.round((x - scale.left) / (scale.right - scale.left) * scale.last);
  byId("step").value = Math.min(scale.last, Math.max(0, step));
  byId("step").dispatchEvent(new Event("input"));
});
for (const button of document.querySelectorAll("[data-form]")) button.addEventListener("click", () => copy(button.dataset.form));

const ready = load().then(() => {
  restore();
  addEventListener("hashchange", restore);
  new ResizeObserver(() => shown && draw()).observe(byId("plot"));
}, error => { byId("error").textContent = "This browser cannot run the page: " + error.message; });
