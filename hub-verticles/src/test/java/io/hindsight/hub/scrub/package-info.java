/** Tests of the verification in the background. */
@NullMarked
package io.hindsight.hub.scrub;

import org.jspecify.annotations.NullMarked;
