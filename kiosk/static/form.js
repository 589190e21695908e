/* What she has said and pressed so far. In memory only; wiped when she goes. */
export const NOWHERE = { estate: null, building: null, unit: null, room: null };
export const blank = () => Object.assign({
  category: null, chosen: false, item: null, words: null, quiet: false, wav: null, agreed: false,
  site: null, tries: 0,
  phone: null, number: "", last4: "", fact: null, speed: null, effect: null, attitude: null,
  typed: "", letters: false, page: 0, short: false, notice: null, sent: null, found: null,
}, NOWHERE);

/* A mobile, or a landline with or without its area */
export const isPhone = (digits) => /^(1[3-9]\d{9}|0\d{9,11}|[2-8]\d{6,7})$/.test(digits);
export const masked = (phone) => (/^1.{10}$/.test(phone) ? phone.replace(/(...)..../, "$1****") : phone.replace(/.(?=.{4})/g, "*"));
export const grouped = (digits) => (digits[0] === "1" ? digits.replace(/^(.{3})(.{1,4})(.*)$/, "$1 $2 $3").trim() : digits);
export const isNumber = (text) => /^([A-Z]\d{3,5}|\d{4,6})$/.test(text);
/* Typed so far, and what is still to come */
export const dashes = (text, length) => Array.from(text.padEnd(length, "–")).join(" ");

export function matter(form) {
  const { category, item, agreed, estate, building, unit, room, phone, wav: audio } = form;
  return { category, item, words: agreed ? form.words : null, estate, building, unit, room, phone, audio };
}

export function rating(form) {
  const { number, last4, fact, speed, effect, attitude } = form;
  return { number, last4, fact, speed, effect, attitude };
}

/* Of a long list what fits on a screen; `more` says that there are others. */
export function part(list, size, page) {
  const first = (page % Math.max(1, Math.ceil(list.length / size))) * size;
  return { choices: list.slice(first, first + size), more: list.length > size };
}
