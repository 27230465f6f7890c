/** The snapshot volume: folders of sealed snapshots, how they are written, and the formats of index and manifest. */
@NullMarked
package io.hindsight.hub.store;

import org.jspecify.annotations.NullMarked;
