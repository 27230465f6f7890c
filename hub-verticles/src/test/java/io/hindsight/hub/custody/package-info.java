/** Tests of the custody log on real files. */
@NullMarked
package io.hindsight.hub.custody;

import org.jspecify.annotations.NullMarked;
