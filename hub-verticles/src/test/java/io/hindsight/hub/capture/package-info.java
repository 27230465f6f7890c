/** Tests of what the nodes record. */
@NullMarked
package io.hindsight.hub.capture;

import org.jspecify.annotations.NullMarked;
