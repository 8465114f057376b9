/** Answers that are neither a choice, a number nor an outline: what their fields say, and what is drawn. No page. */

/** Half the width of the mark that shows a point, in pixels. */
const POINT = 3;

/** Seconds as people write them: "1.5-2.25, 5–7". Null where a part is no span. */
export function parseSpans(text) {
  const parts = text.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean);
  const spans = parts.map((part) => /^(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)$/.exec(part));
  return spans.every(Boolean) ? spans.map(([, start, end]) => [Number(start), Number(end)]) : null;
}

export const spansText = (spans) => spans.map(([start, end]) => `${start}–${end}`).join(", ");

/** Tiers, best first, of ranks by code; null where an option has none. */
export function orderOf(ranks, codes) {
  if (codes.some((code) => !ranks[code])) return null;
  const places = [...new Set(codes.map((code) => ranks[code]))].sort((a, b) => a - b);
  return places.map((place) => codes.filter((code) => ranks[code] === place));
}

export function ranksOf(order) {
  return Object.fromEntries((order ?? []).flatMap((tier, place) => tier.map((code) => [code, place + 1])));
}

/** Rings that show a box or one point: a rectangle on each slice, a diamond. */
export function ringsOf(value) {
  if (value.kind === "box") {
    const [[z0, y0, x0], [z1, y1, x1]] = [value.low, value.high];
    const points = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    return Array.from({ length: Math.ceil(z1) - Math.floor(z0) }, (_, n) => ({ slice: Math.floor(z0) + n, hole: false, points }));
  }
  return Object.values(value.points).filter(Boolean).map(([z, y, x]) => ({
    slice: Math.floor(z), hole: false, points: [[x, y - POINT], [x + POINT, y], [x, y + POINT], [x - POINT, y]],
  }));
}

/** Whether the server would take it: each point set or said to be hidden, each option ranked. */
export function isComplete(question, value) {
  if (value?.kind === "landmarks") return question.choices.every(({ code }) => code in value.points);
  if (value?.kind === "ranking") return Boolean(value.order);
  return !(value?.kind === "interval" && !value.spans);
}

const all = (set, part) => [...set.querySelectorAll(`[data-part="${part}"]`)];

/** By kind: the answer that the fields say, and the fields that an answer says. */
export const FIELDS = {
  multilabel: {
    read(set, target) {
      const chosen = all(set, "code").filter((box) => box.checked).map((box) => box.value);
      const none = target.matches('[data-part="none"]') && target.checked;
      if (none) return { kind: "multilabel", codes: [] };
      return chosen.length ? { kind: "multilabel", codes: chosen } : undefined;
    },
    show(set, value) {
      for (const box of all(set, "code")) box.checked = value?.codes?.includes(box.value) ?? false;
      for (const box of all(set, "none")) box.checked = value?.codes?.length === 0;
    },
  },
  ranking: {
    read(set) {
      const ranks = Object.fromEntries(all(set, "rank").map((field) => [field.name.split("|")[1], Number(field.value)]));
      if (!Object.values(ranks).some(Boolean)) return undefined;
      return { kind: "ranking", order: orderOf(ranks, Object.keys(ranks)), ranks };
    },
    show(set, value) {
      const ranks = value?.ranks ?? ranksOf(value?.order);
      for (const field of all(set, "rank")) field.value = String(ranks[field.name.split("|")[1]] || "");
    },
  },
  interval: {
    read(set, target) {
      if (!target.value.trim()) return undefined;
      return { kind: "interval", spans: parseSpans(target.value), typed: target.value };
    },
    show(set, value) {
      for (const field of all(set, "spans")) {
        if (document.activeElement !== field) field.value = value?.typed ?? spansText(value?.spans ?? []);
        field.toggleAttribute("aria-invalid", Boolean(value) && value.spans === null);
      }
    },
  },
  box: {
    read(set, target, value) {
      if (!value) return undefined;
      const [first, last] = ["first", "last"].map((part) => Number(all(set, part)[0].value));
      if (!(first >= 1 && last >= first)) return value;
      return { ...value, low: [first - 1, ...value.low.slice(1)], high: [last, ...value.high.slice(1)] };
    },
    show(set, value) {
      const held = value?.kind === "box" ? { first: value.low[0] + 1, last: value.high[0] } : { first: "", last: "" };
      for (const part of ["first", "last"]) {
        for (const field of all(set, part)) {
          field.disabled = value?.kind !== "box";
          if (document.activeElement !== field) field.value = String(held[part]);
        }
      }
    },
  },
  landmarks: {
    read(set, target, value) {
      const points = { ...(value?.points ?? {}) };
      if (target.checked) points[target.value] = null;
      else delete points[target.value];
      return Object.keys(points).length ? { kind: "landmarks", points } : undefined;
    },
    show(set, value, chosen) {
      for (const box of all(set, "hidden")) box.checked = value?.points?.[box.value] === null;
      for (const words of set.querySelectorAll("[data-point-words]")) {
        const at = value?.points?.[words.dataset.pointWords];
        words.textContent = at ? `slice ${Math.floor(at[0]) + 1}, ${at[2].toFixed(1)}, ${at[1].toFixed(1)}` : at === null ? "not visible" : "not set";
      }
      for (const button of set.querySelectorAll("[data-do='point']")) button.setAttribute("aria-pressed", String(button.dataset.point === chosen));
    },
  },
};
