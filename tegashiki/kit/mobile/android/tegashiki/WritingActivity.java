package tegashiki;

import android.app.Activity;
import android.content.Context;
import android.content.res.AssetFileDescriptor;
import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Paint;
import android.graphics.Path;
import android.os.Bundle;
import android.view.MotionEvent;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.TextView;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tensorflow.lite.Interpreter;

/**
 * A canvas that shows candidates while the user writes, also several lines. The kit's model.tflite and its three .json
 * files must be in the app's assets.
 *
 * <p>The UI thread handles the pen and edits the page, which is fast. The reader thread runs the model.
 */
public final class WritingActivity extends Activity {
  private static final int CANDIDATES = 5;

  private final ExecutorService reader = Executors.newSingleThreadExecutor();
  private final AtomicBoolean asked = new AtomicBoolean(); // whether a reading is queued
  private final List<double[][]> early = new ArrayList<>(); // strokes written before the model is open
  private Interpreter interpreter; // used only by the reader thread
  private PageSession page; // null until the model is open
  private TextView candidates;
  private WritingView writing;

  @Override
  protected void onCreate(Bundle saved) {
    super.onCreate(saved);
    candidates = new TextView(this);
    candidates.setMinLines(CANDIDATES);
    candidates.setTextSize(18);
    writing = new WritingView(this);
    LinearLayout content = new LinearLayout(this);
    content.setOrientation(LinearLayout.VERTICAL);
    content.addView(candidates);
    content.addView(writing, new LinearLayout.LayoutParams(LinearLayout.LayoutParams.MATCH_PARENT, 0, 1));
    content.addView(button("Undo", () -> edit(page::undo)));
    content.addView(button("New line", () -> page.beginLine()));
    content.addView(button("Clear", () -> edit(page::clear)));
    content.addView(button("Done", () -> reader.execute(this::commit)));
    setContentView(content);
    reader.execute(this::open);
  }

  @Override
  protected void onDestroy() {
    super.onDestroy();
    if (page != null) page.clear(); // stops the reading in progress
    reader.execute(() -> {
      if (interpreter != null) interpreter.close();
    });
    reader.shutdown();
  }

  private Button button(String text, Runnable action) {
    Button button = new Button(this);
    button.setText(text);
    button.setOnClickListener(view -> {
      if (page != null) action.run();
    });
    return button;
  }

  /** Changes the ink and reads it. If the page rejects the change, shows the reason. */
  private void edit(Runnable change) {
    writing.invalidate();
    try {
      change.run();
    } catch (IllegalArgumentException error) { // for example too many strokes
      candidates.setText(error.getMessage());
      return;
    }
    read();
  }

  /** Queues a reading of the line that is being written, and then of the page, unless one is queued already. */
  private void read() {
    if (asked.getAndSet(true)) return;
    reader.execute(() -> {
      asked.set(false);
      try {
        Session line = page.line();
        line.stream(CANDIDATES, found -> show(text(found)));
        if (page.lines().size() > 1) show(text(line.candidates(CANDIDATES)) + page.read().latex);
      } catch (IllegalArgumentException | NoReadingException error) {
        show(error.getMessage());
      }
    });
  }

  /** Commits the expression. An app would insert it at the cursor. Later strokes belong to the next expression. */
  private void commit() {
    try {
      show("Done: " + page.commit().latex);
    } catch (IllegalArgumentException | NoReadingException error) { // the expression is restored
      show(error.getMessage());
    }
    runOnUiThread(writing::invalidate);
  }

  private static String text(Session.Candidates found) {
    StringBuilder text = new StringBuilder();
    for (Recognizer.Candidate candidate : found.readings) {
      text.append(String.format(Locale.ROOT, "%s  (%.2f)%n", candidate.latex, candidate.probability));
    }
    return text.toString();
  }

  private void show(String text) {
    runOnUiThread(() -> candidates.setText(text));
  }

  private void open() {
    try {
      Map<String, Object> about = json("model.json");
      interpreter = new Interpreter(model(), new Interpreter.Options().setNumThreads(1));
      LiteRTModel model = new LiteRTModel(interpreter, about);
      Recognizer recognizer = new Recognizer(about, json("vocabulary.json"), json("grammar.json"), model);
      if (model.hidden() != null) remember(recognizer);
      runOnUiThread(() -> {
        page = new PageSession(recognizer, true);
        edit(() -> page.addStrokes(early));
      });
    } catch (IOException | RuntimeException error) {
      show("The model cannot be opened: " + error.getMessage());
    }
  }

  /** Opens the writer's memory, which {@link PageSession#commit} teaches. Reading goes on without a damaged one. */
  private void remember(Recognizer recognizer) {
    try {
      recognizer.remember(WriterMemory.open(new File(getNoBackupFilesDir(), "memory.json"), recognizer));
    } catch (IOException error) {
      show(error.getMessage());
    }
  }

  private Map<String, Object> json(String name) throws IOException {
    try (InputStream asset = getAssets().open(name)) {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      byte[] part = new byte[1 << 16];
      for (int count = asset.read(part); count >= 0; count = asset.read(part)) content.write(part, 0, count);
      return Json.map(Json.parse(content.toString("UTF-8")));
    }
  }

  private MappedByteBuffer model() throws IOException {
    try (AssetFileDescriptor asset = getAssets().openFd("model.tflite");
        FileInputStream file = new FileInputStream(asset.getFileDescriptor())) {
      return file.getChannel().map(FileChannel.MapMode.READ_ONLY, asset.getStartOffset(), asset.getDeclaredLength());
    }
  }

  /** The canvas. */
  private final class WritingView extends View {
    private final Path path = new Path();
    private final Paint pen = new Paint(Paint.ANTI_ALIAS_FLAG);
    private final List<double[]> stroke = new ArrayList<>(); // that is being written

    WritingView(Context context) {
      super(context);
      pen.setColor(Color.BLACK);
      pen.setStyle(Paint.Style.STROKE);
      pen.setStrokeWidth(5);
      pen.setStrokeCap(Paint.Cap.ROUND);
      setBackgroundColor(Color.WHITE);
    }

    @Override
    protected void onDraw(Canvas canvas) {
      path.reset();
      for (double[][] written : page == null ? early : page.strokes()) add(written);
      if (!stroke.isEmpty()) add(stroke.toArray(new double[0][]));
      canvas.drawPath(path, pen);
    }

    private void add(double[][] points) {
      path.moveTo((float) points[0][0], (float) points[0][1]);
      for (double[] point : points) path.lineTo((float) point[0], (float) point[1]); // also makes dots visible
    }

    @Override
    public boolean onTouchEvent(MotionEvent event) {
      switch (event.getActionMasked()) {
        case MotionEvent.ACTION_DOWN:
          stroke.clear();
          extend(event);
          break;
        case MotionEvent.ACTION_MOVE:
          extend(event);
          break;
        case MotionEvent.ACTION_UP:
          extend(event);
          write(stroke.toArray(new double[0][]));
          stroke.clear();
          break;
        case MotionEvent.ACTION_CANCEL: // a palm or a gesture
          stroke.clear();
          break;
        default:
          return false;
      }
      invalidate();
      return true;
    }

    /** Adds a stroke that is complete: only then is it known which line it belongs to. */
    private void write(double[][] points) {
      if (page == null) {
        early.add(points);
        return;
      }
      edit(() -> {
        page.addStroke(points);
        page.applyGesture(); // a zigzag strikes ink out
      });
    }

    private void extend(MotionEvent event) {
      for (int i = 0; i < event.getHistorySize(); i++) {
        stroke.add(new double[] {event.getHistoricalX(i), event.getHistoricalY(i)});
      }
      stroke.add(new double[] {event.getX(), event.getY()});
    }
  }
}
