/** JSON mapping of the records that travel in messages and API answers. */
@NullMarked
package io.hindsight.json;

import org.jspecify.annotations.NullMarked;
