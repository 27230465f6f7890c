/** Descriptors, writers and readers of the pcapng blocks that Hindsight uses (draft-ietf-opsawg-pcapng). */
@NullMarked
package io.hindsight.pcapng;

import org.jspecify.annotations.NullMarked;
