/** Drafts to the server, and the end of a reading. What the server refuses is said beside the question. */

/** @import { Answers } from "./answers.js" */

import { send } from "../lib/http.js";

/**
 * Send what changed; an answer that the server does not take is set aside with its reason, the others are sent.
 * @param {Answers} answers
 */
export async function saveDrafts(answers, { save_url, withdraw_url }) {
  for (const { question, mark } of answers.unsaved().gone) {
    // What describes a mark goes with it.
    if (!answers.unsaved().gone.some((gone) => gone.question === question && gone.mark === mark)) continue;
    try {
      await send(withdraw_url, { body: { question, mark } });
    } catch (error) {
      // Withdrawn in another window already.
      if (error.status !== 404) throw error;
    }
    answers.withdrawn({ question, mark });
  }
  for (let changed = answers.unsaved().answers; changed.length; changed = answers.unsaved().answers) {
    try {
      await send(save_url, { method: "PUT", body: changed.map(({ question, mark, value, seconds }) => ({ question, mark, value, seconds })) });
      answers.saved(changed);
    } catch (error) {
      if (error.status !== 422 || !setAside(answers, changed, error.errors)) throw error;
    }
  }
}

/** Whether any answer could be told apart from the others as the one that is not taken. */
function setAside(answers, changed, errors) {
  const named = errors.filter(({ pointer }) => changed[Number(/^#\/(\d+)\//.exec(pointer)?.[1])]);
  for (const { pointer, detail } of named) answers.refuse(changed[Number(/\d+/.exec(pointer))], detail);
  return named.length > 0;
}
