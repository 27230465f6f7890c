@NullMarked
package io.hindsight.chunk;

import org.jspecify.annotations.NullMarked;
