/** How much happened when in a snapshot: counted once while it is sealed, stored beside the data, summed up to any longer bucket. Needs no Hub. */
@NullMarked
package io.hindsight.hub.timeline;

import org.jspecify.annotations.NullMarked;
