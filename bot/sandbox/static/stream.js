// What happens in the sandbox, as it happens. The browser connects again by itself and names the last event it saw;
// where it gives up (an answer that is no stream), a new attempt is made here.

const PAUSE = 1000; // milliseconds before a new attempt

export function listen(since, { opened, lost, happened }) {
  let last = since;

  function connect() {
    const source = new EventSource(`/control/events?since=${last}`);
    source.onopen = opened;
    source.onmessage = ({ data, lastEventId }) => {
      last = lastEventId;
      happened(JSON.parse(data));
    };
    source.onerror = () => {
      lost();
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, PAUSE);
    };
  }

  connect();
}
