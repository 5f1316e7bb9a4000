// The sandbox's control interface. What cannot be done throws an Error with a sentence for a person.

async function send(method, path, body) {
  let response;
  try {
    response = await fetch(`/control/${path}`, { method, body: body && JSON.stringify(body) });
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export const read = (path) => send("GET", path);
export const act = (path, body) => send("POST", path, body);
export const remove = (path) => send("DELETE", path);
