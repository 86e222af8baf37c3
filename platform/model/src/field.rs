//! The fields of a content, by their names in forms and by what their labels say.

use crate::word::words;

words! {
    /// One field of a content.
    Field {
        /// 正文
        Body = "body" "正文",
        /// 标题
        Title = "title" "标题",
        /// 副标题
        Subtitle = "subtitle" "副标题",
        /// 摘要
        Summary = "summary" "摘要",
        /// 来源
        Source = "source" "来源",
        /// 作者
        Author = "author" "作者",
        /// 责任编辑
        Editor = "editor" "责任编辑",
        /// 关键词
        Keywords = "keywords" "关键词",
        /// 封面
        Cover = "cover" "封面",
        /// 附件
        Attachments = "attachments" "附件",
        /// 发文字号
        DocumentNumber = "document_number" "发文字号",
        /// 发文机关
        IssuingBodies = "issuing_bodies" "发文机关",
        /// 成文日期
        WrittenOn = "written_on" "成文日期",
        /// 施行日期
        EffectiveOn = "effective_on" "施行日期",
        /// 主题分类
        ThemeClass = "theme_class" "主题分类",
        /// 有效性
        Validity = "validity" "有效性",
    }
}
