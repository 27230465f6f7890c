/** Tests. */
@NullMarked
package io.hindsight.agent;

import org.jspecify.annotations.NullMarked;
