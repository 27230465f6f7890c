/** Exports of sealed snapshots: time-merged pcapng and pcap, records as NDJSON, or a straight copy of stored bytes. */
@NullMarked
package io.hindsight.hub.export;

import org.jspecify.annotations.NullMarked;
